package packaging

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// deadline is how long a test waits for what must happen.
const deadline = 45 * time.Second

func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(deadline); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not after %v", what, deadline)
		}
	}
}

// A session is one that runs, with a stand-in for the kiosk's program.
type session struct {
	*exec.Cmd
	folder  string // of the stand-in's files, and the session's temporary ones
	display []string
	ended   chan error
	said    *strings.Builder
}

// begin starts a session whose program is a script, and waits until the program runs.
// The script has $FOLDER to write to.
func begin(t *testing.T, script string, server ...string) *session {
	t.Helper()
	need(t, "xauth", "xauth")
	s := &session{folder: t.TempDir(), ended: make(chan error, 1), said: &strings.Builder{}}
	program := write(t, filepath.Join(s.folder, "program"), "#!/bin/bash\nFOLDER='"+s.folder+
		"'\necho \"DISPLAY=$DISPLAY XAUTHORITY=$XAUTHORITY\" >$FOLDER/begun.new && mv $FOLDER/begun.new $FOLDER/begun\n"+script+"\n", 0o700)
	s.Cmd = exec.Command("./session", append(server, "--", program, "one", "two words")...)
	s.Env = append(os.Environ(), "TMPDIR="+s.folder)
	s.Stdout, s.Stderr = s.said, s.said
	s.WaitDelay = time.Second
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.ended <- s.Wait() }()
	t.Cleanup(func() { _ = s.Process.Signal(syscall.SIGTERM) })
	await(t, "the program", func() bool {
		_, err := os.Stat(filepath.Join(s.folder, "begun"))
		return err == nil || s.over()
	})
	if !s.over() {
		s.display = append(os.Environ(), strings.Fields(read(t, filepath.Join(s.folder, "begun")))...)
	}
	return s
}

// over reports whether the session has ended.
func (s *session) over() bool {
	select {
	case err := <-s.ended:
		s.ended <- err
		return true
	default:
		return false
	}
}

// status waits for the session's end and returns its exit status.
func (s *session) status(t *testing.T) int {
	t.Helper()
	select {
	case err := <-s.ended:
		s.ended <- err
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return exit.ExitCode()
		}
		if err != nil {
			t.Fatal(err)
		}
		return 0
	case <-time.After(deadline):
		t.Fatal("the session does not end")
		return 0
	}
}

// on runs an X client on the session's display.
func (s *session) on(name string, args ...string) error {
	c := exec.Command(name, args...)
	c.Env = s.display
	return c.Run()
}

// gone checks that nothing is left: neither display nor files.
func (s *session) gone(t *testing.T) {
	t.Helper()
	if s.on("xdpyinfo") == nil {
		t.Error("the display is still there")
	}
	left, err := filepath.Glob(filepath.Join(s.folder, "tmp.*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func xvfb(t *testing.T) []string {
	t.Helper()
	need(t, "xdpyinfo", "x11-utils")
	return []string{need(t, "Xvfb", "xvfb"), "-screen", "0", "1024x768x24"}
}

// TestProgramEnds: its end is the session's, with its status; its arguments are
// its own.
func TestProgramEnds(t *testing.T) {
	s := begin(t, `[ "$1,$2,$#" = "one,two words,2" ] && xdpyinfo >/dev/null && exit 42`, xvfb(t)...)
	if got := s.status(t); got != 42 {
		t.Errorf("exit status %d: %s", got, s.said)
	}
	s.gone(t)
}

// TestServerEnds: without a display the program ends, and the session says so.
func TestServerEnds(t *testing.T) {
	s := begin(t, `ps -o pid=,comm= --ppid $PPID >$FOLDER/programs.new; mv $FOLDER/programs.new $FOLDER/programs
		trap 'echo >$FOLDER/asked; exit 0' TERM; while :; do sleep 0.05; done`, xvfb(t)...)
	await(t, "the list of programs", func() bool { _, err := os.Stat(s.folder + "/programs"); return err == nil })
	var server int
	for line := range strings.Lines(read(t, s.folder+"/programs")) {
		if f := strings.Fields(line); f[1] == "Xvfb" {
			if _, err := fmt.Sscan(f[0], &server); err != nil {
				t.Fatal(err)
			}
		}
	}
	if server == 0 {
		t.Fatalf("no server among %q", read(t, s.folder+"/programs"))
	}
	if err := syscall.Kill(server, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if got := s.status(t); got != 1 || !strings.Contains(s.said.String(), "the X server has ended") {
		t.Errorf("exit status %d: %s", got, s.said)
	}
	if _, err := os.Stat(s.folder + "/asked"); err != nil {
		t.Error("the program was not asked to end")
	}
	s.gone(t)
}

// TestSignal: systemd's signal ends the program in order, while there is still a
// display.
func TestSignal(t *testing.T) {
	// Who runs the tests may ignore SIGHUP, as nohup does, and a shell cannot trap
	// what it was told to ignore. While it is listened to, it is not.
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGHUP)
	defer signal.Stop(heard)
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		s := begin(t, `trap 'sleep 0.2; xdpyinfo >/dev/null && echo >$FOLDER/in-order; exit 0' TERM; echo >$FOLDER/trapped; while :; do sleep 0.05; done`, xvfb(t)...)
		await(t, "the program's readiness", func() bool { _, err := os.Stat(s.folder + "/trapped"); return err == nil })
		for range 3 { // impatient
			if err := s.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
		}
		if got := s.status(t); got != 143 {
			t.Errorf("%v: exit status %d: %s", signal, got, s.said)
		}
		if _, err := os.Stat(s.folder + "/in-order"); err != nil {
			t.Errorf("%v: the program could not end in order", signal)
		}
		s.gone(t)
	}
}

// TestSignalAtEveryCommand: the session is signalled before each of its commands
// from the program's start on, also before it has noted what it started and while
// it answers. The program is asked to end nevertheless.
func TestSignalAtEveryCommand(t *testing.T) {
	folder := t.TempDir()
	before := write(t, filepath.Join(folder, "before"), `case "$0" in */session) set -T
		trap 'case "$BASH_COMMAND" in program_pid=*) until [ -e `+folder+`/trapped ]; do sleep 0.05; done;; esac
			[ -e `+folder+`/trapped ] && kill -TERM $$' DEBUG;; esac
`, 0o600)
	t.Setenv("BASH_ENV", before)
	s := begin(t, `trap 'echo >$FOLDER/in-order; exit 0' TERM; echo >`+folder+`/trapped; while :; do sleep 0.05; done`, xvfb(t)...)
	if got := s.status(t); got != 143 {
		t.Errorf("exit status %d: %s", got, s.said)
	}
	if _, err := os.Stat(s.folder + "/in-order"); err != nil {
		t.Error("the program was not asked to end")
	}
	s.gone(t)
}

// TestSecret: who does not know the display's secret can neither draw nor watch
// keys, and its file is for its owner alone.
func TestSecret(t *testing.T) {
	s := begin(t, `while :; do sleep 0.05; done`, xvfb(t)...)
	if err := s.on("xdpyinfo"); err != nil {
		t.Errorf("with the secret: %v", err)
	}
	for i, v := range s.display {
		file, found := strings.CutPrefix(v, "XAUTHORITY="+s.folder)
		if !found {
			continue
		}
		if info, err := os.Stat(s.folder + file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the secret's file: %v, %v", info, err)
		}
		s.display[i] = "XAUTHORITY=" + os.DevNull
	}
	if s.on("xdpyinfo") == nil {
		t.Error("the display is open to anybody")
	}
}

// TestNoServer: what cannot start is said.
func TestNoServer(t *testing.T) {
	for want, args := range map[string][]string{
		"usage: session":                          {"Xvfb"},
		"usage: session SERVER":                   {"--", "true"},
		"the X server has not started: /bin/true": {"/bin/true", "--", "/bin/true"},
		"No such file":                            {"/usr/bin/Xnot", "--", "/bin/true"},
	} {
		c := exec.Command("./session", args...)
		c.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
		said, err := c.CombinedOutput()
		if err == nil || !strings.Contains(string(said), want) {
			t.Errorf("%q: %v, %s", args, err, said)
		}
	}
}

// keys would lead out of an X session: to other consoles, windows, resolutions, or
// to its end.
var keys = []string{
	"ctrl+alt+BackSpace", "ctrl+alt+Delete", "ctrl+alt+F1", "ctrl+alt+F2", "ctrl+alt+F7", "ctrl+alt+F12", "ctrl+alt+KP_Add", "ctrl+alt+KP_Subtract",
	"alt+F1", "alt+F2", "alt+F4", "alt+Tab", "alt+Escape", "alt+space", "super", "super+l", "super+d", "ctrl+Escape", "ctrl+alt+t", "ctrl+c", "ctrl+q", "ctrl+z",
	"F11", "Escape", "Print", "XF86PowerOff", "XF86Sleep", "XF86Terminal", "alt+Print+k",
}

// noRecord switches off XTEST as well, by which this test presses keys.
const noRecord = `	Option "RECORD" "Disable"`

// TestNoWayOut presses all keys of that kind in a real X server that has our
// settings (less one), and a keyboard map that would end it. The same server
// without our settings ends.
func TestNoWayOut(t *testing.T) {
	need(t, "xdotool", "xdotool")
	need(t, "setxkbmap", "x11-xkb-utils")
	for name, with := range map[string]bool{"with our settings": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			settings := filepath.Join(folder, "settings")
			if err := os.Mkdir(settings, 0o755); err != nil {
				t.Fatal(err)
			}
			if with {
				write(t, filepath.Join(settings, "90-referendum.conf"), strings.Replace(read(t, "xorg.conf"), noRecord, "", 1), 0o644)
			}
			log := filepath.Join(folder, "log")
			s := begin(t, `xdotool getdisplaygeometry; exec sleep 1000`, xorg(t, folder, "-configdir", settings, "-logfile", log)...)
			if err := s.on("setxkbmap", "-option", "terminate:ctrl_alt_bksp"); err != nil {
				t.Fatal(err)
			}
			if !s.extension(t, "XTEST") {
				t.Fatal("no keys can be pressed")
			}
			for _, key := range keys {
				if err := s.on("xdotool", "key", "--clearmodifiers", key); err != nil {
					if !with {
						break
					}
					t.Fatalf("%s: %v: %s", key, err, s.said)
				}
			}
			if !with {
				if got := s.status(t); got != 1 {
					t.Errorf("exit status %d: Ctrl-Alt-Backspace proves nothing: %s", got, s.said)
				}
				return
			}
			if err := s.on("xdpyinfo"); err != nil || s.over() {
				t.Errorf("there is a way out: %v, %s", err, s.said)
			}
		})
	}
}

// extension reports whether the display has an extension.
func (s *session) extension(t *testing.T, name string) bool {
	t.Helper()
	c := exec.Command("xdpyinfo")
	c.Env = s.display
	said := output(t, c)
	if !strings.Contains(said, "\n    MIT-SHM\n") {
		t.Fatalf("no list of extensions in %q", said)
	}
	return strings.Contains(said, "\n    "+name+"\n")
}

// TestXorgSettings: the server takes our settings and complains of none; nobody can
// watch keys, press them, or switch the screen off.
func TestXorgSettings(t *testing.T) {
	folder := t.TempDir()
	settings := filepath.Join(folder, "settings")
	if err := os.Mkdir(settings, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(settings, "90-referendum.conf"), read(t, "xorg.conf"), 0o644)
	s := begin(t, "exec sleep 1000", xorg(t, folder, "-configdir", settings, "-logfile", filepath.Join(folder, "log"))...)
	for _, name := range []string{"RECORD", "XTEST", "DPMS", "MIT-SCREEN-SAVER"} {
		if s.extension(t, name) {
			t.Errorf("the server has %s", name)
		}
	}
	log := read(t, filepath.Join(folder, "log"))
	for _, option := range []string{`(**) Option "DontVTSwitch" "true"`, `(**) Option "DontZap" "true"`, `(**) Option "DontZoom" "true"`, `(**) Option "BlankTime" "0"`,
		`(**) Extension "DPMS" is disabled`, `(**) Extension "RECORD" is disabled`, `(**) Extension "MIT-SCREEN-SAVER" is disabled`} {
		if !strings.Contains(log, option) {
			t.Errorf("the server does not say %s", option)
		}
	}
	for line := range strings.Lines(log) {
		if strings.Contains(line, "(EE)") && strings.Contains(strings.ToLower(line), "pars") {
			t.Errorf("the server says %s", line)
		}
	}
}

// xorg is a real X server with a display that is not there, at a seat without
// consoles.
func xorg(t *testing.T, folder string, args ...string) []string {
	t.Helper()
	server := need(t, "Xorg", "xserver-xorg-core")
	if _, err := os.Stat("/usr/lib/xorg/modules/drivers/dummy_drv.so"); err != nil {
		t.Fatalf("%v: install the Debian package xserver-xorg-video-dummy", err)
	}
	config := write(t, filepath.Join(folder, "dummy.conf"),
		"Section \"Device\"\nIdentifier \"d\"\nDriver \"dummy\"\nVideoRam 16384\nEndSection\nSection \"Screen\"\nIdentifier \"s\"\nDevice \"d\"\nEndSection\n", 0o644)
	return append([]string{server, "-seat", "seat-of-a-test", "-config", config}, args...)
}
