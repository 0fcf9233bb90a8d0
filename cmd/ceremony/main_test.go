package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/terminal"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		// The program itself, with scrypt at its cheapest.
		"ceremony": func() { workFactor = 1; main() },
		// What only tests do: see forge_test.go and prepare_test.go.
		"forge":   func() { tool("forge", forge) },
		"prepare": func() { tool("prepare", prepare) },
	})
}

// tool runs a program of these tests.
func tool(name string, do func(args []string) error) {
	if err := do(os.Args[1:]); err != nil {
		io.WriteString(os.Stderr, name+": "+err.Error()+"\n")
		os.Exit(1)
	}
	os.Exit(0)
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("GORACE", os.Getenv("GORACE"))
			if err := os.WriteFile(e.WorkDir+"/draft.json", []byte(draft), 0o600); err != nil {
				return err
			}
			return os.WriteFile(e.WorkDir+"/phrase", []byte("correct horse battery staple\n"), 0o600)
		},
	})
}

// commands lists all commands that do something.
func commands(c *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, sub := range c.Commands() {
		if sub.HasSubCommands() {
			all = append(all, commands(sub)...)
		} else if sub.Name() != "help" && sub.Parent().Name() != "completion" {
			all = append(all, sub)
		}
	}
	return all
}

// Every command has an example, which parses, with the flags that its usage
// names; and a hint or sentence never names a command there is not.
func TestEveryCommandHasAnExampleThatParses(t *testing.T) {
	all := commands(command())
	if len(all) < 18 {
		t.Fatalf("%d commands", len(all))
	}
	for _, c := range all {
		line := strings.Fields(strings.TrimSpace(c.Example))
		if len(line) < 2 || line[0] != "ceremony" {
			t.Errorf("%s: example %q", c.CommandPath(), c.Example)
			continue
		}
		found, rest, err := command().Find(line[1:])
		if err != nil || found.CommandPath() != c.CommandPath() {
			t.Errorf("%s: its example is of %v, %v", c.CommandPath(), found.CommandPath(), err)
			continue
		}
		if err := found.ParseFlags(rest); err != nil {
			t.Errorf("%s: example: %v", c.CommandPath(), err)
		}
		if err := found.ValidateRequiredFlags(); err != nil {
			t.Errorf("%s: example: %v", c.CommandPath(), err)
		}
		if err := found.ValidateArgs(found.Flags().Args()); err != nil {
			t.Errorf("%s: example: %v", c.CommandPath(), err)
		}
	}
}

// What the program tells people to run exists.
func TestHintsNameCommandsThatExist(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	hints := 0
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("[:;] ceremony ([a-z-]+)").FindAllStringSubmatch(string(source), -1) {
			hints++
			if c, _, err := command().Find(m[1:2]); err != nil || c.Name() != m[1] {
				t.Errorf("%s: there is no command %q", file, m[1])
			}
		}
	}
	if hints < 10 {
		t.Errorf("%d hints were found", hints)
	}
}

func TestCompletionKnowsTheCommands(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		var out strings.Builder
		if status := terminal.Run(command(), []string{"completion", shell}, nil, &out, &out); status != terminal.ExitOK || !strings.Contains(out.String(), "ceremony") {
			t.Errorf("%s: status %d", shell, status)
		}
	}
	var out strings.Builder
	terminal.Run(command(), []string{"__complete", "re"}, nil, &out, io.Discard)
	for _, want := range []string{"rehearse", "reveal"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("completing re: %q", out.String())
		}
	}
}
