// Package e2etest tests the kiosk as a voter and a poll worker meet it: the real
// program in a real window, with the drivers of real devices behind it. X has no
// screen, the devices are emulated, and fingers are X's extension for tests.
//
// A person at the kiosk knows where to press, and what to see, from a mirror:
// a flow and a View of the test's own, in Fyne's test driver, which get the same
// touches and the situation that is expected. The window has to show the same
// picture. So nothing is asked of the program, and what the golden images show
// is what voters see.
//
// All files are tests: nothing here is for others.
package e2etest

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// programs is the folder with the programs that tests run.
var programs string

func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "kiosk-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	defer os.RemoveAll(dir)
	if err := lookAtSources(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	programs = dir
	return m.Run()
}

// lookAtSources opens every folder of the project, so that a test's result is
// not taken for that of another program: go test sees what a test opens, not
// what it builds.
func lookAtSources() error {
	return filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == ".git" || d.Name() == "build") {
			return filepath.SkipDir
		}
		return err
	})
}

// kioskProgram builds cmd/kiosk once, without the race detector: with it,
// OpenGL's bindings take minutes more, and nothing of them is ours.
var kioskProgram = sync.OnceValues(func() (string, error) {
	if path := os.Getenv(kioskBuilt); path != "" {
		return path, nil
	}
	return build("kiosk", "build", "../../cmd/kiosk")
})

// testProgram is these tests, without the race detector. What is tested is
// another process; a person who draws ten times slower than the machine finds
// nothing more in it.
var testProgram = sync.OnceValues(func() (string, error) {
	if !underRace {
		return os.Executable()
	}
	return build("tests", "test", "-c", ".")
})

func build(name, command string, args ...string) (string, error) {
	path := filepath.Join(programs, name)
	args = append([]string{command, "-o", path}, args...)
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return path, nil
}

// A program is one that runs on a display.
type program struct {
	process *exec.Cmd
	ended   <-chan struct{}
	said    *transcript
	home    string
}

// start starts a program on a display. It is killed when the test ends.
func start(t testing.TB, d *display, path string, args ...string) *program {
	t.Helper()
	p := prepare(t, d, path, args...)
	p.begin(t)
	return p
}

// prepare is start, without starting it.
func prepare(t testing.TB, d *display, path string, args ...string) *program {
	t.Helper()
	p := &program{process: exec.Command(path, args...), said: new(transcript), home: t.TempDir()}
	p.process.Env = d.environment(append(os.Environ(), "LIBGL_ALWAYS_SOFTWARE=1", "LANG=C.UTF-8", "HOME="+p.home, "XDG_CONFIG_HOME="+p.home, "XDG_RUNTIME_DIR="+p.home))
	p.process.Stdout, p.process.Stderr = p.said, p.said
	return p
}

func (p *program) begin(t testing.TB) {
	t.Helper()
	var err error
	p.ended, err = child(p.process)
	must(t, err)
	t.Cleanup(p.kill)
}

// kill ends it as a power cut would.
func (p *program) kill() {
	_ = p.process.Process.Kill()
	<-p.ended
}

// stop asks it to end, and returns its status.
func (p *program) stop(t testing.TB) int {
	t.Helper()
	must(t, p.process.Process.Signal(syscall.SIGTERM))
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Fatalf("the program did not end:\n%s", p.said)
	}
	return p.process.ProcessState.ExitCode()
}

// hasEnded reports whether it has ended by itself.
func (p *program) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// memory returns the most memory that the program has had, and what it has, in
// megabytes (VmHWM and VmRSS of proc(5)).
func (p *program) memory(t testing.TB) (most, now float64) {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.process.Process.Pid))
	must(t, err)
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(line, ":")
		kilobytes, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
		switch name {
		case "VmHWM":
			most = float64(kilobytes) / 1024
		case "VmRSS":
			now = float64(kilobytes) / 1024
		}
	}
	return most, now
}

// A transcript is what a program prints.
type transcript struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (t *transcript) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.Write(b)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}
