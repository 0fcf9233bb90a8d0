package voice

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"regexp"
)

// Limits of a folder of recordings. They are read once, into memory: a file
// that were read when it is played would show by its times what was said last.
const (
	MaxRecordings     = 2000     // files
	MaxRecording      = 4 << 20  // bytes of one: a minute and a half at 22 050 samples a second
	MaxRecordingBytes = 48 << 20 // bytes of all
)

// RecordingName names the file that is played instead of a line of text: the
// SHA-256 of the language, a zero byte and the line, in hexadecimal, and ".wav". It
// is empty for a text that has no words, or more than one line of them.
func RecordingName(language, text string) string {
	lines := clean(text)
	if len(lines) != 1 {
		return ""
	}
	return name(language, lines[0])
}

func name(language, line string) string {
	sum := sha256.Sum256([]byte(language + "\x00" + line))
	return hex.EncodeToString(sum[:]) + ".wav"
}

// recordings are sounds by the names of their files. nil: none.
type recordings map[string]*sound

var recordingName = regexp.MustCompile(`^[0-9a-f]{64}\.wav$`)

// readRecordings reads a folder. It refuses whatever would never be played.
func readRecordings(folder string) (recordings, error) {
	if folder == "" {
		return nil, nil
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("reading the recordings: %w", err)
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("reading the recordings: %w", err)
	}
	if len(entries) > MaxRecordings {
		return nil, fmt.Errorf("reading the recordings: %d files; at most %d", len(entries), MaxRecordings)
	}
	all, total := recordings{}, 0
	for _, e := range entries {
		s, err := readRecording(root, e)
		if err != nil {
			return nil, fmt.Errorf("reading the recording %q: %w", e.Name(), err)
		}
		if total += len(s.samples); total > MaxRecordingBytes {
			return nil, fmt.Errorf("reading the recordings: more than %d bytes", MaxRecordingBytes)
		}
		all[e.Name()] = s
	}
	return all, nil
}

func readRecording(root *os.Root, e fs.DirEntry) (*sound, error) {
	if !recordingName.MatchString(e.Name()) {
		return nil, errors.New("its name is not a SHA-256 and .wav")
	}
	if !e.Type().IsRegular() {
		return nil, errors.New("it is no regular file")
	}
	f, err := root.Open(e.Name())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxRecording+1))
	if err != nil {
		return nil, err
	}
	return parseWAV(b)
}

// A sound is what a WAV file holds: samples of 16 bits, little-endian.
type sound struct {
	channels, rate int
	samples        []byte
}

// What a header says of itself: RIFF, WAVE, and PCM of 16 bits.
const (
	headerSize = 44
	formatSize = 16
	pcm        = 1
	sampleSize = 2
)

// parseWAV reads a WAV file: one "fmt " chunk of 16 bytes, PCM, 16 bits, one or
// two channels, 8000 to 48 000 samples a second; then one "data" chunk; other
// chunks are passed over.
func parseWAV(b []byte) (*sound, error) {
	if len(b) > MaxRecording {
		return nil, fmt.Errorf("more than %d bytes", MaxRecording)
	}
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" || int(binary.LittleEndian.Uint32(b[4:])) != len(b)-8 {
		return nil, errors.New("no WAV file, or not all of it")
	}
	var s *sound
	for rest := b[12:]; len(rest) >= 8; {
		id, size := string(rest[:4]), int(binary.LittleEndian.Uint32(rest[4:]))
		if size > len(rest)-8 {
			return nil, fmt.Errorf("its chunk %q is longer than the file", id)
		}
		chunk := rest[8 : 8+size]
		rest = rest[min(8+size+size%2, len(rest)):]
		switch {
		case id == "fmt " && s == nil:
			var err error
			if s, err = parseFormat(chunk); err != nil {
				return nil, err
			}
		case id == "data" && s != nil:
			if size == 0 || size%(sampleSize*s.channels) != 0 {
				return nil, errors.New("no sound, or half a sample")
			}
			s.samples = bytes.Clone(chunk)
			return s, nil
		case id == "fmt " || id == "data":
			return nil, errors.New("its chunks are not in order")
		}
	}
	return nil, errors.New("no sound in it")
}

func parseFormat(b []byte) (*sound, error) {
	if len(b) != formatSize {
		return nil, fmt.Errorf("a format of %d bytes, not %d", len(b), formatSize)
	}
	s := &sound{channels: int(binary.LittleEndian.Uint16(b[2:])), rate: int(binary.LittleEndian.Uint32(b[4:]))}
	switch {
	case binary.LittleEndian.Uint16(b) != pcm, binary.LittleEndian.Uint16(b[14:]) != 8*sampleSize:
		return nil, errors.New("not PCM of 16 bits")
	case s.channels < 1 || s.channels > 2:
		return nil, fmt.Errorf("%d channels; one or two are possible", s.channels)
	case s.rate < 8000 || s.rate > 48000:
		return nil, fmt.Errorf("%d samples a second; 8000 to 48000 are possible", s.rate)
	case int(binary.LittleEndian.Uint32(b[8:])) != s.rate*s.channels*sampleSize, int(binary.LittleEndian.Uint16(b[12:])) != s.channels*sampleSize:
		return nil, errors.New("a format that contradicts itself")
	}
	return s, nil
}

// wav writes the sound as a WAV file, at a percentage of its loudness, which is
// at most 100.
func (s *sound) wav(percent int) []byte {
	b := make([]byte, 0, headerSize+len(s.samples))
	b = append(b, "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(headerSize-8+len(s.samples)))
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, formatSize)
	b = binary.LittleEndian.AppendUint16(b, pcm)
	b = binary.LittleEndian.AppendUint16(b, uint16(s.channels))
	b = binary.LittleEndian.AppendUint32(b, uint32(s.rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(s.rate*s.channels*sampleSize))
	b = binary.LittleEndian.AppendUint16(b, uint16(s.channels*sampleSize))
	b = binary.LittleEndian.AppendUint16(b, 8*sampleSize)
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s.samples)))
	for i := 0; i < len(s.samples); i += sampleSize {
		sample := int(int16(binary.LittleEndian.Uint16(s.samples[i:])))
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(sample*percent/100)))
	}
	return b
}

// seconds is how long the sound lasts, rounded up.
func (s *sound) seconds() int {
	return int(math.Ceil(float64(len(s.samples)) / float64(s.rate*s.channels*sampleSize)))
}
