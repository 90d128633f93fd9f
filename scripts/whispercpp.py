"""Runs whisper.cpp for scripts/bench-whisper: reads lines "TAIL PATH" and answers each with a line of JSON.

PATH is a WAV file of 16 kHz, one channel, 16 bits. The encoder's audio context is cut to its length and TAIL seconds of silence;
seconds is the time from samples to text, spectrogram included. Timestamps stay on, as in whisper.cpp's own default: without them it does
not find the end of a clip in a short context and writes it over and over.
"""

import json
import math
import sys
import time
import wave

import numpy
from pywhispercpp.model import Model


def main():
    model_path, threads = sys.argv[1], int(sys.argv[2])
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever the library prints is no answer
    model = Model(model_path, n_threads=threads, print_progress=False, print_realtime=False, redirect_whispercpp_logs_to=None)
    for line in sys.stdin:
        tail, path = line.rstrip("\n").split(" ", 1)
        with wave.open(path) as clip:
            raw = clip.readframes(clip.getnframes())
            rate = clip.getframerate()
        pcm = numpy.frombuffer(raw, dtype="<i2").astype(numpy.float32) / 32768
        context = min(1500, math.ceil((len(pcm) / rate + float(tail)) * 50))
        begin = time.perf_counter()
        segments = model.transcribe(
            pcm, audio_ctx=context, no_context=True, single_segment=True, print_timestamps=False, temperature_inc=0.0
        )
        took = time.perf_counter() - begin
        answers.write(json.dumps({"text": " ".join(s.text for s in segments), "seconds": took}) + "\n")
        answers.flush()


main()
