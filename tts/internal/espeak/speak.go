package espeak

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/childenv"
)

// SampleRate is the rate at which espeak-ng's built-in voices speak, in Hz.
const SampleRate = 22050

// samplesPerChunk is about 93 ms at SampleRate.
const samplesPerChunk = 2048

// defaultRate is espeak-ng's own speaking rate in words per minute.
const defaultRate = 175

// Speak says text with espeak-ng's own voice and calls emit with consecutive pieces of mono samples
// in [-1,1] at SampleRate, each a fresh slice. One process runs for the call and has ended when it
// returns. Speed 1 is normal, 2 twice as fast. When the context ends, or emit returns an error, the
// process is ended and that error is returned. Errors: ErrMissing, *ProcessError.
func Speak(ctx context.Context, cfg Config, text string, speed float64, emit func([]float32) error) error {
	program := cfg.Program
	if program == "" {
		program = "espeak-ng"
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rate := strconv.Itoa(int(speed*defaultRate + 0.5))
	cmd := exec.CommandContext(ctx, program, "--stdin", "--stdout", "-v", cfg.Voice, "-s", rate)
	cmd.Stdin = strings.NewReader(clean(text))
	stderr := &tailBuffer{}
	cmd.Stderr = stderr
	cmd.Env = childenv.Local(os.Environ()) // no secrets
	cmd.WaitDelay = time.Second
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("pipe from espeak-ng: %w", err)
	}
	if err := cmd.Start(); err != nil {
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w (looked for %s)", ErrMissing, program)
		}
		return fmt.Errorf("start espeak-ng: %w", err)
	}
	emitErr, readErr := pump(ctx, bufio.NewReader(stdout), emit)
	if emitErr != nil {
		cancel()
	}
	waited := cmd.Wait()
	switch {
	case emitErr != nil:
		return emitErr
	case ctx.Err() != nil:
		return ctx.Err()
	case waited != nil:
		return &ProcessError{Voice: cfg.Voice, Stderr: stderr.String(), Err: waited}
	case readErr != nil:
		return &ProcessError{Voice: cfg.Voice, Stderr: stderr.String(), Err: readErr}
	}
	return nil
}

// pump passes the samples of a WAV stream on until it ends. It returns the consumer's error and the
// stream's error apart.
func pump(ctx context.Context, r io.Reader, emit func([]float32) error) (emitErr, readErr error) {
	if err := readHeader(r); err != nil {
		return nil, err
	}
	raw := make([]byte, 2*samplesPerChunk)
	for {
		n, err := io.ReadFull(r, raw)
		if n >= 2 && ctx.Err() == nil {
			pcm := make([]float32, n/2)
			for i := range pcm {
				pcm[i] = float32(int16(binary.LittleEndian.Uint16(raw[2*i:]))) / 32768
			}
			if e := emit(pcm); e != nil {
				return e, nil
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return err, nil
		}
	}
}

// readHeader reads a WAV stream up to its first sample. The sizes of a streamed file are not known
// to its writer and are not looked at. Anything but 16-bit mono at SampleRate is refused.
func readHeader(r io.Reader) error {
	var riff [12]byte
	if _, err := io.ReadFull(r, riff[:]); err != nil {
		return fmt.Errorf("wav header: %w", err)
	}
	if string(riff[:4]) != "RIFF" || string(riff[8:]) != "WAVE" {
		return errors.New("output is not a wav stream")
	}
	seen := false
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return fmt.Errorf("wav chunk: %w", err)
		}
		size := binary.LittleEndian.Uint32(head[4:])
		if string(head[:4]) == "data" {
			if !seen {
				return errors.New("wav stream without format")
			}
			return nil
		}
		if size > 4096 {
			return fmt.Errorf("wav chunk of %d bytes before the samples", size)
		}
		body := make([]byte, size+size%2)
		if _, err := io.ReadFull(r, body); err != nil {
			return fmt.Errorf("wav chunk: %w", err)
		}
		if string(head[:4]) != "fmt " {
			continue
		}
		if size < 16 {
			return errors.New("short wav format")
		}
		format, channels := binary.LittleEndian.Uint16(body), binary.LittleEndian.Uint16(body[2:])
		rate, bits := binary.LittleEndian.Uint32(body[4:]), binary.LittleEndian.Uint16(body[14:])
		if format != 1 || channels != 1 || rate != SampleRate || bits != 16 {
			return fmt.Errorf("wav stream of format %d, %d channels, %d Hz, %d bits", format, channels, rate, bits)
		}
		seen = true
	}
}
