"""Runs notification-service alone: `python src/app.py`."""

from notification_service.service import SERVICE
from service_kit.serve import main

if __name__ == "__main__":
    main(SERVICE)
