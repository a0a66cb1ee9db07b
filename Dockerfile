# The image of each service and of init-db, built from the project's root:
#   docker build --build-arg SERVICE=ticket-service -t smartticket/ticket-service .
#   docker build --target init-db -t smartticket/init-db .

# The layers that all images share: built once.
FROM python:3.12-slim AS kit
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MALLOC_ARENA_MAX=2 PATH=/app/venv/bin:$PATH
WORKDIR /app
# A new volume gets the owner of the folder where it is mounted.
RUN mkdir /files /models /spool /training /vectors && chown 10001:10001 /files /models /spool /training /vectors
COPY constraints.txt ./
COPY contracts ./contracts
COPY http-server ./http-server
COPY service-kit ./service-kit
COPY eventbus ./eventbus
COPY company-kit ./company-kit
COPY operations-kit ./operations-kit
RUN python -m venv venv && pip install --no-cache-dir --compile -c constraints.txt ./contracts ./http-server ./service-kit ./eventbus ./company-kit ./operations-kit && cp service-kit/healthcheck.py .

# Roles, schemas, grants and migrations. It carries every service, because their migrations travel with them.
FROM kit AS init-db
COPY . ./
RUN pip install --no-cache-dir --compile -c constraints.txt ./external-kit ./model-kit ./outbound-kit ./projection-kit ./*-service ./init-db && rm -r contracts http-server eventbus *-kit *-service api-gateway init-db
USER 10001:10001
CMD ["smartticket-init-db"]

# One service. Its requirements.txt names what it needs from this checkout, as for a start by hand.
FROM kit AS service
ARG SERVICE
COPY external-kit ./external-kit
COPY model-kit ./model-kit
COPY outbound-kit ./outbound-kit
COPY projection-kit ./projection-kit
COPY ${SERVICE} ./${SERVICE}
RUN cd "$SERVICE" && pip install --no-cache-dir --compile -r requirements.txt && cp src/app.py .. && cd .. && rm -r contracts http-server eventbus *-kit "$SERVICE"
USER 10001:10001
CMD ["python", "app.py"]
