"""Runs ticket-service alone: `python src/app.py`."""

from service_kit.serve import main
from ticket_service.service import SERVICE

if __name__ == "__main__":
    main(SERVICE)
