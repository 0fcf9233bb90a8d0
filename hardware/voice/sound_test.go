package voice_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openreferendum/referendum/hardware/voice"
	"github.com/openreferendum/referendum/hardware/voice/voicetest"
)

// A recorder is a real voice whose player keeps what it plays.
type recorder struct {
	*voice.Voice
	folder string
}

func record(t *testing.T, recordings string) *recorder {
	t.Helper()
	installed(t, espeak, "espeak-ng")
	player := standIn(t, voicetest.Keeps)
	v := open(t, voice.Config{Program: espeak, Player: []string{player}, Recordings: recordings})
	return &recorder{Voice: v, folder: filepath.Dir(player)}
}

// say returns the sounds of an utterance, in no order.
func (r *recorder) say(t *testing.T, u voice.Utterance, pieces int) [][]byte {
	t.Helper()
	r.Say(u)
	known := heard(t, r.folder)
	var all [][]byte
	await(t, "all of "+u.Language, func() bool {
		all = heard(t, r.folder)
		return len(all) == len(known)+pieces
	})
	return all
}

// samples takes espeak-ng's WAV file apart: 22 050 samples of 16 bits a second,
// one channel. It does not know the length when it writes the header.
func samples(t *testing.T, wav []byte) []int16 {
	t.Helper()
	if len(wav) < 44 || string(wav[:4]) != "RIFF" || string(wav[8:16]) != "WAVEfmt " || string(wav[36:40]) != "data" {
		t.Fatalf("no WAV file: %q…", wav[:min(len(wav), 44)])
	}
	if rate := binary.LittleEndian.Uint32(wav[24:]); rate != 22050 || wav[22] != 1 || wav[34] != 16 {
		t.Fatalf("%d samples of %d bits a second in %d channels", rate, wav[34], wav[22])
	}
	var s []int16
	for b := wav[44:]; len(b) >= 2; b = b[2:] {
		s = append(s, int16(binary.LittleEndian.Uint16(b)))
	}
	return s
}

func seconds(s []int16) float64 { return float64(len(s)) / 22050 }

func loudness(s []int16) float64 {
	sum := 0.0
	for _, x := range s {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum / float64(len(s)))
}

// one says something with a player of its own, and returns its only sound.
func one(t *testing.T, u voice.Utterance) []byte {
	t.Helper()
	return record(t, "").say(t, u, 1)[0]
}

// TestSound: in every language there is sound, of a length that fits its words.
func TestSound(t *testing.T) {
	for language, text := range spoken {
		s := samples(t, one(t, voice.Utterance{Text: text, Language: language}))
		if n := seconds(s); n < 1 || n > 10 {
			t.Errorf("%s: %q takes %.1f seconds", language, text, n)
		}
		if l := loudness(s); l < 300 {
			t.Errorf("%s: %q is not to be heard: %.0f", language, text, l)
		}
	}
}

// TestRateAndVolume: every step is faster than the one before, or louder; beyond
// the last there is none.
func TestRateAndVolume(t *testing.T) {
	var length, loud []float64
	for step := -3; step <= 3; step++ {
		u := voice.Utterance{Text: spoken["zh-Hant"], Language: "zh-Hant", Rate: step}
		length = append(length, seconds(samples(t, one(t, u))))
		u.Rate, u.Volume = 0, step
		s := samples(t, one(t, u))
		loud = append(loud, loudness(s))
		for _, x := range s {
			if x == math.MaxInt16 || x == math.MinInt16 {
				t.Fatalf("volume %d is cut off", step)
			}
		}
	}
	for i := 1; i < len(length); i++ {
		if beyond := i == 1 || i == len(length)-1; beyond {
			if length[i] != length[i-1] || loud[i] != loud[i-1] {
				t.Errorf("beyond the last step it changes: lengths %.2f, loudness %.0f", length, loud)
			}
		} else if length[i] > 0.95*length[i-1] || loud[i] < 1.3*loud[i-1] {
			t.Errorf("step %d is hardly to be heard: lengths %.2f, loudness %.0f", i-3, length, loud)
		}
	}
}

// TestTextIsNoCommand: what espeak-ng would take for phonemes or markup sounds
// like the letters in it.
func TestTextIsNoCommand(t *testing.T) {
	for command, plain := range map[string]string{
		"say [[h@l'oU]] now":          "say h@l'oU now",
		"a <break time=\"60s\"/> b":   "a break time=\"60s\"/ b",
		"one\x00two\x1b[31m\r\nthree": "one two 31m\nthree",
		"dis\u200bagree\u202e":        "disagree",
		"--version":                   "  --version\n\n",
		"yes\xff\xfe":                 "yes",
		"<<[[a]]>>":                   "a",
	} {
		a, b := one(t, voice.Utterance{Text: command, Language: "en"}), one(t, voice.Utterance{Text: plain, Language: "en"})
		if !bytes.Equal(a, b) {
			t.Errorf("%q does not sound like %q: %d and %d bytes", command, plain, len(a), len(b))
		}
	}
}

// TestLinesAreSentences: a title and what follows are not read as one sentence.
func TestLinesAreSentences(t *testing.T) {
	lines := one(t, voice.Utterance{Text: "Review your choices\nQuestion one", Language: "en"})
	line := one(t, voice.Utterance{Text: "Review your choices Question one", Language: "en"})
	if len(lines) < len(line)+22050/4*2 {
		t.Errorf("no pause between lines: %d bytes, %d in one line", len(lines), len(line))
	}
}

// TestPhonemes: Chinese is read with Mandarin's sounds and tones, from
// traditional characters. The voice "cmn" would say "ni three".
func TestPhonemes(t *testing.T) {
	installed(t, espeak, "espeak-ng")
	c := exec.Command(espeak, "-v", voice.DefaultVoices()["zh-Hant"], "-b", "1", "--stdin", "-q", "-x")
	c.Stdin = strings.NewReader("你的選擇是不同意")
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	const want = "n'i21_| t@44_| S;'y&21n_| ts'o-35_| s.'i.51_| p'u51_| th'ong35_| j'i51_|"
	if got := strings.TrimSpace(string(out)); got != want {
		t.Errorf("it sounds %q, not %q", got, want)
	}
}

// TestCheckOfAnOpenVoice: it takes the place of what is being said, and what comes
// next takes its place; nobody waits for ever.
func TestCheckOfAnOpenVoice(t *testing.T) {
	installed(t, espeak, "espeak-ng")
	program := standIn(t, voicetest.Hangs)
	v := open(t, voice.Config{Program: espeak, Player: []string{program}})
	checked := make(chan error)
	go func() { checked <- v.Check() }()
	for {
		v.Say(voice.Utterance{Text: "a", Language: "en"})
		select {
		case err := <-checked:
			if !errors.Is(err, voice.ErrInterrupted) {
				t.Errorf("interrupted all the time: %v", err)
			}
		case <-time.After(time.Millisecond):
			continue
		}
		break
	}
	if err := v.Close(); err != nil {
		t.Error(err)
	}
	if err := v.Check(); !errors.Is(err, voice.ErrInterrupted) {
		t.Errorf("closed: %v", err)
	}
	var silent *voice.Voice
	if err := silent.Check(); err != nil {
		t.Errorf("a silent voice: %v", err)
	}
}

// TestCheck: a self test finds a voice, a device or a program that does not work.
func TestCheck(t *testing.T) {
	installed(t, espeak, "espeak-ng")
	installed(t, voice.DefaultPlayer()[0], "alsa-utils")
	keeps := standIn(t, voicetest.Keeps)
	for name, c := range map[string]struct {
		config voice.Config
		want   string
	}{
		"all is well":                 {voice.Config{Program: espeak, Player: []string{keeps}}, ""},
		"ALSA's device for nothing":   {voice.Config{Program: espeak, Player: append(voice.DefaultPlayer(), "-D", "null")}, ""},
		"a device that is not there":  {voice.Config{Program: espeak, Player: append(voice.DefaultPlayer(), "-D", "hw:31")}, "saying a word in en: speaking: aplay: exit status 1"},
		"a voice that is not there":   {voice.Config{Program: espeak, Player: append(voice.DefaultPlayer(), "-D", "null"), Voices: map[string]string{"nan": "nan-no"}}, "saying a word in nan: speaking: espeak-ng: exit status 1"},
		"a player that plays nothing": {voice.Config{Program: espeak, Player: []string{"/bin/true"}}, "espeak-ng: signal: broken pipe"},
		"no program":                  {voice.Config{Program: espeak + "-not"}, "no such file"},
	} {
		err := voice.Check(c.config)
		if c.want == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, not %q", name, err, c.want)
		}
	}
	for _, wav := range heard(t, filepath.Dir(keeps)) {
		if l := loudness(samples(t, wav)); l != 0 {
			t.Errorf("a self test is to be heard: %.1f", l)
		}
	}
}
