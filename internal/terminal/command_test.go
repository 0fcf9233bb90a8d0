package terminal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"
)

const help = `Usage:
    probe COMMAND

probe is a program for tests.

Exit status: 0 good, 1 bad, 2 wrong usage, 3 our fault.`

func probe() *cobra.Command {
	root := Command("probe", "v1.2.3", help)
	root.PersistentFlags().Int("size", 0, "how large")
	leaf := func(name string, run func() error) {
		root.AddCommand(&cobra.Command{Use: name, Short: "test " + name, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
			c.Println("ran " + name)
			return run()
		}})
	}
	leaf("good", func() error { return nil })
	leaf("bad", func() error { return Bad(errors.New("the record does not verify"), "see the report") })
	leaf("unusable", func() error { return Unusable(errors.New("reading the manifest: it is empty"), "") })
	leaf("plain", func() error { return errors.New("writing: disk full") })
	leaf("wrapped", func() error { return fmt.Errorf("station 3: %w", Bad(errors.New("bad root"), "ask again")) })
	leaf("panics", func() error { panic("no such luck") })
	leaf("escapes", func() error { return Bad(errors.New("name \x1b[2J\u009b"), "") })
	return root
}

func run(args ...string) (status int, out, errors string) {
	var stdout, stderr bytes.Buffer
	status = Run(probe(), args, strings.NewReader(""), &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

func TestRun(t *testing.T) {
	const fault = "probe: this is a fault of the program or of this machine, not of the input\n"
	for _, c := range []struct {
		args   string
		status int
		want   string // on standard error, but for what leaf prints
	}{
		{"bad", 1, "probe: error: the record does not verify\nprobe: hint: see the report\n"},
		{"wrapped", 1, "probe: error: station 3: bad root\nprobe: hint: ask again\n"},
		{"unusable", 2, "probe: error: reading the manifest: it is empty\n"},
		{"plain", 3, "probe: error: writing: disk full\n" + fault},
		{"escapes", 1, "probe: error: name \uFFFD[2J\uFFFD\n"},
		{"good extra", 2, "probe: error: unknown command \"extra\" for \"probe good\"\nprobe: hint: see probe good --help\n"},
		{"nonsense", 2, "probe: error: unknown command \"nonsense\" for \"probe\"\nprobe: hint: see probe --help\n"},
		{"good --colour", 2, "probe: error: unknown flag: --colour\nprobe: hint: see probe good --help\n"},
		{"good --size=x", 2, "probe: error: invalid argument \"x\" for \"--size\" flag: strconv.ParseInt: parsing \"x\": invalid syntax\nprobe: hint: see probe good --help\n"},
		{"", 2, "probe: error: no command given\nprobe: hint: see probe --help\n"},
		{"good", 0, ""},
	} {
		status, _, stderr := run(strings.Fields(c.args)...)
		command, _, _ := strings.Cut(c.args, " ")
		stderr = strings.TrimPrefix(stderr, "ran "+command+"\n")
		if status != c.status || stderr != c.want {
			t.Errorf("probe %s: status %d instead of %d, standard error:\n%swant:\n%s", c.args, status, c.status, stderr, c.want)
		}
	}
	status, _, stderr := run("panics")
	if status != ExitInternal || !strings.Contains(stderr, "goroutine") || !strings.HasSuffix(stderr, "probe: error: internal error: no such luck\n"+fault) {
		t.Errorf("a panic gives status %d and\n%s", status, stderr)
	}
}

// TestRequire: a flag that is missing, or empty, stops the command.
func TestRequire(t *testing.T) {
	for args, want := range map[string]string{
		"open":           `required flag(s) "record" not set`,
		"open --record=": `invalid argument "" for "--record" flag: it is empty`,
	} {
		root, record := probe(), ""
		open := &cobra.Command{Use: "open", RunE: func(*cobra.Command, []string) error { return nil }}
		Require(open, &record, "record", "the record: a `folder`")
		root.AddCommand(open)
		var stderr bytes.Buffer
		if status := Run(root, strings.Fields(args), nil, &stderr, &stderr); status != ExitUsage || stderr.String() != "probe: error: "+want+"\nprobe: hint: see probe open --help\n" {
			t.Errorf("probe %s: status %d, %s", args, status, stderr.String())
		}
		stderr.Reset()
		if status := Run(root, []string{"open", "--record", "r"}, nil, &stderr, &stderr); status != ExitOK || record != "r" {
			t.Errorf("status %d, record %q, %s", status, record, stderr.String())
		}
		if usage := open.Flags().FlagUsages(); !strings.Contains(usage, "--record folder   the record: a folder (required)") {
			t.Errorf("the flag's help: %s", usage)
		}
	}
}

// TestLostOutput: what cannot be printed is a fault, whatever the command thinks
// of itself; a command that has an error of its own says that one.
func TestLostOutput(t *testing.T) {
	const fault = "probe: error: printing the answer: no space left on device\nprobe: this is a fault of the program or of this machine, not of the input\n"
	for args, c := range map[string]struct {
		status int
		want   string
	}{
		"say":       {3, fault},
		"say bad":   {1, "probe: error: the record does not verify\n"},
		"--version": {3, fault},
	} {
		root := probe()
		root.AddCommand(&cobra.Command{Use: "say", RunE: func(c *cobra.Command, args []string) error {
			NewVoice(c.OutOrStdout(), "live").Say("the ceremony holds")
			if len(args) > 0 {
				return Bad(errors.New("the record does not verify"), "")
			}
			return nil
		}})
		var stderr bytes.Buffer
		status := Run(root, strings.Fields(args), nil, full{}, &stderr)
		if status != c.status || stderr.String() != c.want {
			t.Errorf("probe %s: status %d instead of %d, standard error:\n%s", args, status, c.status, stderr.String())
		}
	}
}

// full is a disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestHelpVersionCompletion(t *testing.T) {
	status, out, stderr := run("--help")
	if status != 0 || stderr != "" || !strings.HasPrefix(out, help) || !strings.Contains(out, "    good        test good") || !strings.Contains(out, "--size int") {
		t.Errorf("--help: status %d, %q\n%s", status, stderr, out)
	}
	if status, out, _ := run("--version"); status != 0 || out != "probe v1.2.3\n" {
		t.Errorf("--version: status %d, %q", status, out)
	}
	if status, out, _ := run("completion", "bash"); status != 0 || !strings.Contains(out, "__start_probe") {
		t.Errorf("completion bash: status %d, %d bytes", status, len(out))
	}
	if status, out, _ := run("good", "--help"); status != 0 || !strings.Contains(out, "probe good [flags]") || !strings.Contains(out, "--size int") {
		t.Errorf("good --help: status %d\n%s", status, out)
	}
	if BuildVersion() == "" {
		t.Error("no version")
	}
}

func TestStatus(t *testing.T) {
	if Bad(nil, "x") != nil || Unusable(nil, "x") != nil || Internal(nil, "x") != nil {
		t.Error("no error became one")
	}
	inner := Bad(errors.New("a"), "inner hint")
	for name, c := range map[string]struct {
		err    error
		status int
		hint   string
	}{
		"none":      {nil, ExitOK, ""},
		"plain":     {errors.New("a"), ExitInternal, ""},
		"internal":  {Internal(errors.New("a"), "free the disk"), ExitInternal, "free the disk"},
		"outermost": {Unusable(inner, ""), ExitUsage, "inner hint"},
		"joined":    {errors.Join(errors.New("b"), inner), ExitBad, "inner hint"},
	} {
		if Status(c.err) != c.status || hint(c.err) != c.hint {
			t.Errorf("%s: status %d, hint %q", name, Status(c.err), hint(c.err))
		}
	}
}

func TestOurs(t *testing.T) {
	_, missing := os.Open(filepath.Join(t.TempDir(), "none"))
	_, inFile := os.Open(filepath.Join(os.Args[0], "manifest.json"))
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"none":     {nil, false},
		"file":     {fmt.Errorf("reading: %w", inFile), false},
		"loop":     {&fs.PathError{Op: "open", Err: syscall.ELOOP}, false},
		"plain":    {errors.New("not canonical"), false},
		"path":     {fmt.Errorf("reading: %w", missing), true},
		"link":     {&os.LinkError{Op: "rename", Err: syscall.ENOSPC}, true},
		"call":     {errors.Join(errors.New("b"), os.NewSyscallError("fsync", syscall.EIO)), true},
		"too long": {io.ErrUnexpectedEOF, false},
	} {
		if Ours(c.err) != c.want {
			t.Errorf("%s: %v", name, !c.want)
		}
	}
}

// TestOffline: the offline programs use this package, so nothing in it may
// reach the network or start a process.
func TestOffline(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if len(deps) < 20 {
		t.Fatalf("only %d dependencies", len(deps))
	}
	for _, dep := range deps {
		if dep == "net/http" || dep == "net/rpc" || dep == "os/exec" {
			t.Errorf("package terminal contains %s", dep)
		}
	}
}
