package voice_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/hardware/voice"
)

// wav writes a WAV file of one channel, 8000 samples a second.
func wav(samples ...int16) []byte {
	b := []byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data")
	b = binary.LittleEndian.AppendUint32(b, uint32(2*len(samples)))
	for _, s := range samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(s))
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRecordings: lines with a recording are played, the others are spoken.
func TestRecordings(t *testing.T) {
	folder, beep := t.TempDir(), wav(1000, -1000, 32767, -32768)
	write(t, filepath.Join(folder, voice.RecordingName("zh-Hant", "請確認您的選擇")), beep)
	r := record(t, folder)
	if err := os.RemoveAll(folder); err != nil { // whose times would tell what was said
		t.Fatal(err)
	}
	u := voice.Utterance{Text: "請確認您的選擇\n不同意", Language: "zh-Hant", Volume: 2}
	if all := r.say(t, u, 2); !slices.ContainsFunc(all, func(b []byte) bool { return bytes.Equal(b, beep) }) {
		t.Error("the recording is not played as it is")
	}
	u.Volume = -2
	if all := r.say(t, u, 2); !slices.ContainsFunc(all, func(b []byte) bool { return bytes.Equal(b, wav(120, -120, 3932, -3932)) }) {
		t.Error("the recording is not softer")
	}
	u.Rate = -1
	if all := r.say(t, u, 1); len(all) != 5 {
		t.Errorf("slowly, %d sounds", len(all))
	}
	u.Rate, u.Language = 0, "en"
	r.say(t, u, 1)
	u.Text, u.Language = "  請確認您的選擇\u200b ", "zh-Hant"
	r.say(t, u, 1)
}

func TestRecordingName(t *testing.T) {
	// printf '%s\0%s' en 'Insert your card.' | sha256sum
	const want = "c8cf0838cb56b98507e2bf820c2e192864a51044ea8c46543e70afdaec1fa290.wav"
	if got := voice.RecordingName("en", "Insert your card."); got != want {
		t.Errorf("the name is %s", got)
	}
	for _, none := range []string{"", " \n ", "…", "two\nlines"} {
		if got := voice.RecordingName("en", none); got != "" {
			t.Errorf("%q has the name %s", none, got)
		}
	}
}

// TestBadRecordings: whatever would not be played stops the start.
func TestBadRecordings(t *testing.T) {
	good := wav(1, 2, 3)
	changed := func(at int, b ...byte) []byte {
		w := bytes.Clone(good)
		copy(w[at:], b)
		return w
	}
	name := voice.RecordingName("en", "a")
	for what, c := range map[string]struct {
		name string
		file []byte
		want string
	}{
		"nothing":                  {name, nil, "no WAV file"},
		"half of it":               {name, good[:len(good)-1], "not all of it"},
		"something behind it":      {name, append(bytes.Clone(good), 0, 0), "not all of it"},
		"another kind":             {name, changed(8, 'A', 'V', 'I', ' '), "no WAV file"},
		"compressed":               {name, changed(20, 0x55), "not PCM of 16 bits"},
		"8 bits":                   {name, changed(34, 8), "not PCM of 16 bits"},
		"no channel":               {name, changed(22, 0), "0 channels"},
		"six channels":             {name, changed(22, 6), "6 channels"},
		"a low rate":               {name, changed(24, 1, 0), "1 samples a second"},
		"a rate that does not fit": {name, changed(24, 0x22, 0x56), "contradicts itself"},
		"frames that do not fit":   {name, changed(32, 4), "contradicts itself"},
		"an extended format":       {name, changed(16, 18), "a format of 18 bytes"},
		"a chunk without end":      {name, changed(40, 0xff, 0xff, 0xff, 0xff), "longer than the file"},
		"no sound":                 {name, wav(), "no sound"},
		"sound before its format":  {name, changed(12, 'd', 'a', 't', 'a'), "not in order"},
		"no data":                  {name, changed(36, 'l', 'i', 's', 't'), "no sound in it"},
		"a name in capitals":       {strings.ToUpper(name[:64]) + ".wav", good, "its name is not"},
		"the name of its words":    {"insert-card.wav", good, "its name is not"},
		"more than a minute":       {name, wav(make([]int16, voice.MaxRecording/2)...), "more than"},
	} {
		t.Run(what, func(t *testing.T) {
			folder := t.TempDir()
			write(t, filepath.Join(folder, c.name), c.file)
			_, err := voice.Open(voice.Config{Program: espeak, Player: []string{"/bin/true"}, Recordings: folder})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, not %q", err, c.want)
			}
		})
	}
	t.Run("a link", func(t *testing.T) {
		folder, outside := t.TempDir(), filepath.Join(t.TempDir(), "x.wav")
		write(t, outside, good)
		if err := os.Symlink(outside, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
		if _, err := voice.Open(voice.Config{Program: espeak, Player: []string{"/bin/true"}, Recordings: folder}); err == nil || !strings.Contains(err.Error(), "no regular file") {
			t.Errorf("%v", err)
		}
	})
}
