"""Runs rag-service by hand: `python src/app.py`."""

from rag_service import service
from service_kit.serve import main

if __name__ == "__main__":
    main(service)
