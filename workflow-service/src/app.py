"""Runs workflow-service alone: `python src/app.py`."""

from service_kit.serve import main
from workflow_service.service import SERVICE

if __name__ == "__main__":
    main(SERVICE)
