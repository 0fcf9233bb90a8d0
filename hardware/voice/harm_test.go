package voice_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/openreferendum/referendum/hardware/voice"
	"github.com/openreferendum/referendum/hardware/voice/voicetest"
)

// TestNothingToRead: while a choice is said, it stands in no argument and no
// environment of the programs, which have only their pipes open (and espeak-ng
// its own data), and no rights.
func TestNothingToRead(t *testing.T) {
	installed(t, espeak, "espeak-ng")
	t.Setenv("LD_PRELOAD", "") // something to inherit
	v := open(t, voice.Config{Program: espeak, Player: []string{standIn(t, voicetest.Hangs), "-D", "front"}})
	v.Say(voice.Utterance{Text: strings.Repeat("SECRETCHOICE ", 200), Language: "en"})
	var now []process
	await(t, "both programs", func() bool {
		now = children(t, os.Getpid())
		return len(now) == 2 && slices.ContainsFunc(now, func(p process) bool { return p.name == "espeak-ng" }) &&
			slices.ContainsFunc(now, func(p process) bool { return p.name == "sleep" })
	})
	await(t, "sound: espeak-ng has started up, its libraries are closed", func() bool {
		return !slices.ContainsFunc(now, func(p process) bool { return p.name == "espeak-ng" && !hasWritten(t, p.pid) })
	})
	for _, p := range now {
		if p.group != p.pid {
			t.Errorf("%s is in the group of others", p.name)
		}
		if status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid)); err != nil || !strings.Contains(string(status), "\nNoNewPrivs:\t1\n") ||
			!strings.Contains(string(status), "\nCapAmb:\t0000000000000000\n") {
			t.Errorf("%s may more than it needs: %s, %v", p.name, status, err)
		}
		for file, most := range map[string]int{"cmdline": 200, "environ": 0, "comm": 16} {
			b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.pid, file))
			if err != nil {
				t.Fatal(err)
			}
			if len(b) > most && p.name == "espeak-ng" || strings.Contains(string(b), "CHOICE") {
				t.Errorf("%s has %s %q", p.name, file, b)
			}
		}
		if p.name != "espeak-ng" {
			continue
		}
		fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.pid))
		if err != nil {
			t.Fatal(err)
		}
		for _, fd := range fds {
			target, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", p.pid, fd.Name()))
			if err == nil && target != os.DevNull && !strings.HasPrefix(target, "pipe:") && !strings.Contains(target, "/espeak-ng-data") {
				t.Errorf("espeak-ng has %s open", target)
			}
		}
	}
}

// hasWritten reports whether there is output of a program that nobody has read.
func hasWritten(t *testing.T, pid int) bool {
	t.Helper()
	const output = 1
	fd, err := unix.Open(fmt.Sprintf("/proc/%d/fd/%d", pid, output), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Poll(poll, 0)
	return n == 1 && err == nil && poll[0].Revents&unix.POLLIN != 0
}

// TestNothingPrinted: neither an utterance nor a voice that says it is printed.
func TestNothingPrinted(t *testing.T) {
	u := voice.Utterance{Text: "SECRETCHOICE", Language: "en"}
	v := open(t, voice.Config{Program: standIn(t, voicetest.Hangs), Player: []string{standIn(t, voicetest.Hangs)}})
	v.Say(u)
	held := struct {
		V *voice.Voice
		U voice.Utterance
	}{v, u}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if s := fmt.Sprintf(verb+verb+verb, u, v, held); strings.Contains(s, "CHOICE") {
			t.Errorf("%s prints %q", verb, s)
		}
	}
	if s := u.LogValue().String(); strings.Contains(s, "CHOICE") || slog.AnyValue(u).Resolve().String() != s {
		t.Errorf("it is logged: %q", s)
	}
	if b, err := json.Marshal(u); err == nil {
		t.Errorf("it is in JSON: %q", b)
	}
}

// TestHanging: programs that hang are ended by whatever comes next, and nothing
// is left of them.
func TestHanging(t *testing.T) {
	for name, end := range map[string]func(*voice.Voice){
		"hush":  (*voice.Voice).Hush,
		"close": func(v *voice.Voice) { v.Close() },
		"say":   func(v *voice.Voice) { v.Say(voice.Utterance{Text: "", Language: "en"}) },
	} {
		v := open(t, voice.Config{Program: standIn(t, voicetest.Hangs), Player: []string{standIn(t, voicetest.Hangs)}})
		v.Say(voice.Utterance{Text: "a", Language: "en"})
		await(t, name+": two programs", func() bool { return len(children(t, os.Getpid())) == 2 })
		end(v)
		await(t, name+": none", func() bool { return len(children(t, os.Getpid())) == 0 })
		select {
		case err := <-v.Lost():
			t.Errorf("%s: who is interrupted is not lost: %v", name, err)
		default:
		}
	}
}

// TestLitter: what a program leaves behind is ended with it.
func TestLitter(t *testing.T) {
	installed(t, espeak, "espeak-ng")
	player := standIn(t, voicetest.Litter)
	var groups []int
	v := open(t, voice.Config{Program: espeak, Player: []string{player}})
	v.Say(voice.Utterance{Text: strings.Repeat("a long story. ", 400), Language: "en"})
	await(t, "what it leaves behind", func() bool {
		for _, p := range children(t, os.Getpid()) {
			if !slices.Contains(groups, p.group) {
				groups = append(groups, p.group)
			}
		}
		return slices.ContainsFunc(processes(t), func(p process) bool { return p.name == "sleep" && slices.Contains(groups, p.group) })
	})
	await(t, "the end of all of it", func() bool {
		return !slices.ContainsFunc(processes(t), func(p process) bool { return !p.zombie && slices.Contains(groups, p.group) })
	})
}

// TestKilled: when the kiosk's program is killed, nobody goes on speaking.
func TestKilled(t *testing.T) {
	if os.Getenv("VOICE_TEST_CHILD") != "" {
		speakForEver(t)
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, "-test.run=^TestKilled$", "-test.timeout=2m")
	c.Env = append(os.Environ(), "VOICE_TEST_CHILD="+standIn(t, voicetest.Hangs))
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "speaking\n" {
		t.Fatalf("it says %q, %v", line, err)
	}
	var left []process
	await(t, "two programs of it", func() bool { left = children(t, c.Process.Pid); return len(left) == 2 })
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // killed
	await(t, "nobody speaking", func() bool {
		return !slices.ContainsFunc(processes(t), func(p process) bool {
			return !p.zombie && slices.ContainsFunc(left, func(l process) bool { return l.pid == p.pid && l.group == p.group })
		})
	})
}

func speakForEver(t *testing.T) {
	program := os.Getenv("VOICE_TEST_CHILD")
	v := open(t, voice.Config{Program: program, Player: []string{program}})
	v.Say(voice.Utterance{Text: "a", Language: "en"})
	fmt.Println("speaking")
	time.Sleep(time.Minute) // it is killed long before
}

// BenchmarkHush measures how long it takes until an utterance that is being
// said is over.
func BenchmarkHush(b *testing.B) {
	program, player := installed(b, espeak, "espeak-ng"), standIn(b, voicetest.Hangs)
	v := open(b, voice.Config{Program: program, Player: []string{player}})
	for b.Loop() {
		b.StopTimer()
		v.Say(voice.Utterance{Text: strings.Repeat("a long story. ", 100), Language: "en"})
		var now []process
		await(b, "two programs", func() bool { now = children(b, os.Getpid()); return len(now) == 2 })
		b.StartTimer()
		v.Hush()
		for _, p := range now {
			for runs := error(nil); runs == nil; _, runs = os.Stat(fmt.Sprintf("/proc/%d", p.pid)) {
			}
		}
	}
}

// BenchmarkSay measures how long the caller of Say waits while something else
// is being said.
func BenchmarkSay(b *testing.B) {
	program, player := installed(b, espeak, "espeak-ng"), standIn(b, voicetest.Hangs)
	v := open(b, voice.Config{Program: program, Player: []string{player}})
	for b.Loop() {
		v.Say(voice.Utterance{Text: spoken["zh-Hant"], Language: "zh-Hant"})
	}
}
