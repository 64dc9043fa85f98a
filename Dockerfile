# The operation agent in a container.
#
#   docker build --build-arg VERSION=1.2.3 -t operative:1.2.3 .
#   docker run --init --stop-timeout 120 -v operative-state:/var/lib/operative \
#     -e OPERATIVE_NAME=web-1 -e OPERATIVE_BROKER_HOSTS=mq.example operative:1.2.3
#
# --init reaps what operations leave behind; --stop-timeout must stay above drain_timeout (60s).

FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libc6-dev librabbitmq-dev libsqlite3-dev libssl-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# Packages change less often than sources: resolved on their own, they stay in the cache.
COPY Package.swift ./
RUN swift package resolve
COPY Sources Sources
COPY Tests Tests
# The manifest names their folders.
COPY Examples Examples
COPY Benchmarks Benchmarks
RUN for product in operative operation-launcher ctx; do \
        swift build --configuration release --static-swift-stdlib --product "$product" || exit 1; \
    done \
    && built=$(swift build --configuration release --static-swift-stdlib --show-bin-path) \
    && install -D --target-directory /out/bin "$built/operative" \
    && install -D --target-directory /out/lib/operative "$built/operation-launcher" "$built/ctx"

FROM debian:bookworm-slim
# An argument ends with its stage, so it is declared in the one that uses it.
ARG VERSION=0.0.0-dev
LABEL org.opencontainers.image.title="Operative" \
      org.opencontainers.image.description="Operation agent that takes its tasks from RabbitMQ" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        ca-certificates libgcc-s1 librabbitmq4 libsqlite3-0 libssl3 libstdc++6 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 operative \
    && useradd --system --uid 10001 --gid operative --home-dir /var/lib/operative --shell /usr/sbin/nologin operative \
    && install --directory --mode 0700 --owner operative --group operative /var/lib/operative
COPY --from=build /out /usr
COPY config/operative.yaml /etc/operative/operative.yaml
USER 10001:10001
VOLUME ["/var/lib/operative"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/operative"]
CMD ["run", "--config", "/etc/operative/operative.yaml"]
