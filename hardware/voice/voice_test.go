package voice_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openreferendum/referendum/hardware/voice"
	"github.com/openreferendum/referendum/hardware/voice/voicetest"
)

// deadline is how long a test waits for what must happen.
const deadline = 30 * time.Second

const espeak = "/usr/bin/espeak-ng"

// spoken is a sentence in each language of the screens.
var spoken = map[string]string{
	"zh-Hant": "你的選擇是不同意",
	"en":      "You chose: disagree. Code 3F9A-22C1.",
	"id":      "Pilihan Anda: tidak setuju.",
}

// installed fails a test where a program is missing.
func installed(t testing.TB, program, debianPackage string) string {
	t.Helper()
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("%v: install the Debian package %s", err, debianPackage)
	}
	return program
}

func standIn(t testing.TB, b voicetest.Behaviour) string {
	t.Helper()
	path, err := voicetest.Program(t.TempDir(), b)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t testing.TB, c voice.Config) *voice.Voice {
	t.Helper()
	v, err := voice.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	return v
}

// await waits until something is so.
func await(t testing.TB, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(deadline); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not after %v", what, deadline)
		}
	}
}

// A process is what /proc says of one.
type process struct {
	pid, parent, group int
	zombie             bool
	name               string
}

// processes lists what runs, or has ended and is not reaped.
func processes(t testing.TB) []process {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var all []process
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		before, after, _ := strings.Cut(string(b), " (")
		name, rest, _ := strings.Cut(after, ") ")
		fields := strings.Fields(rest)
		p := process{zombie: fields[0] == "Z", name: name}
		p.pid, _ = strconv.Atoi(before)
		p.parent, _ = strconv.Atoi(fields[1])
		p.group, _ = strconv.Atoi(fields[2])
		all = append(all, p)
	}
	return all
}

func children(t testing.TB, of int) []process {
	return slices.DeleteFunc(processes(t), func(p process) bool { return p.parent != of })
}

// A rig is a voice with a way to see how many utterances it is saying.
type rig struct {
	speaker interface {
		Say(voice.Utterance)
		Hush()
		Lost() <-chan error
		Close() error
	}
	saying func() int
}

// TestContract is what the fake and the real voice have in common.
func TestContract(t *testing.T) {
	rigs := map[string]func(t *testing.T) rig{
		"fake": func(*testing.T) rig {
			s := &voicetest.Speaker{}
			return rig{s, func() int {
				if _, speaking := s.Speaking(); speaking {
					return 1
				}
				return 0
			}}
		},
		"espeak-ng": func(t *testing.T) rig {
			installed(t, espeak, "espeak-ng")
			v := open(t, voice.Config{Program: espeak, Player: []string{standIn(t, voicetest.Hangs)}})
			return rig{v, func() int {
				return len(slices.DeleteFunc(children(t, os.Getpid()), func(p process) bool { return p.zombie || p.name == "espeak-ng" }))
			}}
		},
	}
	for name, open := range rigs {
		t.Run(name, func(t *testing.T) {
			r := open(t)
			says := func(what string, n int) {
				t.Helper()
				await(t, what, func() bool { return r.saying() == n })
			}
			if n := r.saying(); n != 0 {
				t.Fatalf("it begins with %d utterances", n)
			}
			r.speaker.Hush()
			for language, text := range spoken {
				r.speaker.Say(voice.Utterance{Text: text, Language: language})
				says("saying "+language, 1)
			}
			r.speaker.Say(voice.Utterance{Text: "…\n—", Language: "en"})
			says("saying nothing", 0)
			r.speaker.Say(voice.Utterance{Text: "a", Language: "en"})
			says("saying a letter", 1)
			r.speaker.Say(voice.Utterance{Text: "nuqneH", Language: "tlh"})
			says("a language that nobody speaks", 0)
			for range 30 {
				r.speaker.Say(voice.Utterance{Text: spoken["en"], Language: "en"})
				r.speaker.Hush()
				r.speaker.Say(voice.Utterance{Text: spoken["en"], Language: "en", Rate: 9, Volume: -9})
			}
			says("many in a hurry", 1)
			r.speaker.Hush()
			says("hushed", 0)
			r.speaker.Say(voice.Utterance{Text: "a", Language: "en"})
			for range 2 {
				if err := r.speaker.Close(); err != nil {
					t.Error(err)
				}
			}
			says("closed", 0)
			r.speaker.Say(voice.Utterance{Text: "a", Language: "en"})
			r.speaker.Hush()
			says("after it was closed", 0)
			select {
			case err := <-r.speaker.Lost():
				t.Errorf("lost, though nothing has failed: %v", err)
			default:
			}
		})
	}
}

func TestNil(t *testing.T) {
	v, err := voice.Open(voice.Config{})
	if v != nil || err != nil {
		t.Fatalf("a configuration without a program: %v, %v", v, err)
	}
	v.Say(voice.Utterance{Text: "a", Language: "en"})
	v.Hush()
	if v.Lost() != nil || v.Close() != nil || voice.Check(voice.Config{}) != nil {
		t.Error("a silent voice is not silent")
	}
}

func TestOpenRefuses(t *testing.T) {
	good := standIn(t, voicetest.Dies)
	flat := filepath.Join(t.TempDir(), "flat")
	if err := os.WriteFile(flat, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		config voice.Config
		want   string
	}{
		"a program that is looked for":     {voice.Config{Program: "espeak-ng"}, "no absolute path"},
		"a program that is not there":      {voice.Config{Program: good + "x"}, "no such file"},
		"a folder":                         {voice.Config{Program: t.TempDir()}, "cannot be executed"},
		"a file":                           {voice.Config{Program: flat}, "cannot be executed"},
		"a player that is looked for":      {voice.Config{Program: good, Player: []string{"aplay"}}, "no absolute path"},
		"a player that is not there":       {voice.Config{Program: good, Player: []string{good + "x"}}, "no such file"},
		"a voice that is an option":        {voice.Config{Program: good, Player: []string{good}, Voices: map[string]string{"en": "-w/etc/x"}}, "no voice's name"},
		"a voice that is a file":           {voice.Config{Program: good, Player: []string{good}, Voices: map[string]string{"en": "../../x"}}, "no voice's name"},
		"a voice of no language":           {voice.Config{Program: good, Player: []string{good}, Voices: map[string]string{"": "en"}}, "no voice's name"},
		"no voice":                         {voice.Config{Program: good, Player: []string{good}, Voices: map[string]string{"en": ""}}, "no voice's name"},
		"recordings that are not there":    {voice.Config{Program: good, Player: []string{good}, Recordings: good + "x"}, "no such file"},
		"a folder of recordings: programs": {voice.Config{Program: good, Player: []string{good}, Recordings: filepath.Dir(good)}, "its name is not a SHA-256"},
	} {
		v, err := voice.Open(c.config)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, not %q", name, err, c.want)
		}
		if v != nil {
			t.Errorf("%s: there is a voice", name)
			v.Close()
		}
	}
}

// TestLost: whatever happens to the programs is told once.
func TestLost(t *testing.T) {
	for name, c := range map[string]struct {
		speaker, player voicetest.Behaviour
		remove          bool
		want            string
	}{
		"a program that dies":    {voicetest.Dies, voicetest.Keeps, false, "exit status 3"},
		"both die":               {voicetest.Dies, voicetest.Dies, false, "exit status 3"},
		"a program that is gone": {voicetest.Dies, voicetest.Keeps, true, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			program := standIn(t, c.speaker)
			v := open(t, voice.Config{Program: program, Player: []string{standIn(t, c.player)}})
			if c.remove {
				if err := os.Remove(program); err != nil {
					t.Fatal(err)
				}
			}
			v.Say(voice.Utterance{Text: "secret", Language: "en"})
			expectLost(t, v, c.want)
			for range 3 {
				v.Say(voice.Utterance{Text: "secret", Language: "en"})
			}
			if err := v.Close(); err != nil {
				t.Error(err)
			}
			select {
			case err := <-v.Lost():
				t.Errorf("told twice: %v", err)
			default:
			}
		})
	}
}

// TestMended: a voice that was lost and is heard again can be lost again.
func TestMended(t *testing.T) {
	installed(t, espeak, "espeak-ng")
	player := standIn(t, voicetest.Keeps)
	folder := filepath.Dir(player)
	v := open(t, voice.Config{Program: espeak, Player: []string{player}})
	for round := range 3 {
		if err := os.Rename(player, player+"-away"); err != nil {
			t.Fatal(err)
		}
		v.Say(voice.Utterance{Text: "a", Language: "en"})
		expectLost(t, v, "no such file")
		if err := os.Rename(player+"-away", player); err != nil {
			t.Fatal(err)
		}
		v.Say(voice.Utterance{Text: "a", Language: "en"})
		await(t, "a sound after it came back", func() bool { return len(heard(t, folder)) == round+1 })
		await(t, "its end", func() bool { return len(children(t, os.Getpid())) == 0 })
	}
}

func expectLost(t *testing.T, v *voice.Voice, want string) {
	t.Helper()
	select {
	case err := <-v.Lost():
		if !strings.Contains(err.Error(), want) {
			t.Errorf("lost because of %q, not %q", err, want)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error says what was said: %q", err)
		}
	case <-time.After(deadline):
		t.Fatal("nothing was told")
	}
}

// heard returns what a player that keeps has played.
func heard(t testing.TB, folder string) [][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.wav"))
	if err != nil {
		t.Fatal(err)
	}
	var sounds [][]byte
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sounds = append(sounds, b)
	}
	return sounds
}
