"""Runs the gateway: `python src/app.py`."""

from api_gateway.service import SERVICE
from service_kit.serve import main

if __name__ == "__main__":
    main(SERVICE)
