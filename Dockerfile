# The images of HealthTrack, a target each: operator, probe, dashboard, standalone. Needs BuildKit, which Docker 23 and later use by default.
# None has a shell or a package manager; each runs as user 1654 and can run with a read-only root: what it keeps is in a folder of its own.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0-noble
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra

FROM --platform=$BUILDPLATFORM ${SDK_IMAGE} AS publish
ARG TARGETARCH
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 NUGET_PACKAGES=/nuget
WORKDIR /source
COPY Directory.Build.props Directory.Packages.props global.json .editorconfig ./
COPY eng/BannedSymbols.txt eng/publish.sh eng/
# Definitions and samples are part of the programs.
COPY config/crd config/crd
COPY config/samples config/samples
COPY src src
# Packages stay in the cache whatever changes, so that there is no layer of restored projects to keep in step.
RUN --mount=type=cache,id=healthtrack-nuget,target=/nuget sh eng/publish.sh /out "$TARGETARCH"
# A volume takes the owner of the folder that it is first mounted on.
RUN mkdir -p /folders/data /folders/spool

FROM ${RUNTIME_IMAGE} AS base
# Without the diagnostics' socket and the base image's own ports. TLS looks for certificates below HOME, which a user without an entry in /etc/passwd has not.
ENV DOTNET_EnableDiagnostics=0 ASPNETCORE_HTTP_PORTS= HOME=/tmp
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.vendor="HealthTrack" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
USER 1654:1654

FROM base AS operator
LABEL org.opencontainers.image.title="healthtrack-operator" \
      org.opencontainers.image.description="HealthTrack's operator: what ServiceMonitors declare, checked, and said in their status"
COPY --from=publish --chown=1654:1654 /folders/data /data
COPY --from=publish /out/operator /app
WORKDIR /data
ENV HEALTHTRACK_BIND=0.0.0.0 HEALTHTRACK_STORAGE=sqlite:/data/healthtrack.db
EXPOSE 8000 8001
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["/app/healthtrack-operator", "healthcheck"]
ENTRYPOINT ["/app/healthtrack-operator"]

FROM base AS probe
LABEL org.opencontainers.image.title="healthtrack-probe" \
      org.opencontainers.image.description="HealthTrack's probe worker: makes the checks of one location"
COPY --from=publish --chown=1654:1654 /folders/spool /spool
COPY --from=publish /out/probe /app
ENV HEALTHTRACK_BIND=0.0.0.0
EXPOSE 8002
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/app/healthtrack-probe", "healthcheck"]
ENTRYPOINT ["/app/healthtrack-probe"]

FROM base AS dashboard
LABEL org.opencontainers.image.title="healthtrack-dashboard" \
      org.opencontainers.image.description="HealthTrack's dashboard: the services of one HealthTrack API, live"
COPY --from=publish /out/dashboard /app
ENV HEALTHTRACK_DASHBOARD_BIND=0.0.0.0
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/app/HealthTrack.Dashboard", "healthcheck"]
ENTRYPOINT ["/app/HealthTrack.Dashboard"]

# Listens on loopback, as everywhere: run it with --network host.
FROM base AS standalone
LABEL org.opencontainers.image.title="healthtrack-standalone" \
      org.opencontainers.image.description="HealthTrack in one process: a folder of monitors, the checks, the API and the dashboard"
COPY --from=publish --chown=1654:1654 /folders/data /data
COPY --from=publish /out/standalone /app
WORKDIR /data
ENV HEALTHTRACK_DATA=/data
EXPOSE 3000 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["/app/healthtrack", "healthcheck"]
ENTRYPOINT ["/app/healthtrack"]
