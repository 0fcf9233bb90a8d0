package terminal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/spf13/cobra"
)

// Command returns the root command of a program. help is the program's help:
// one constant that begins with "Usage:" and ends with the exit statuses; it is
// printed first by --help, before the lists of commands and flags.
//
// The caller adds flags, subcommands and RunE, and hands the command to Main or
// Run.
func Command(name, version, help string) *cobra.Command {
	c := &cobra.Command{
		Use:           name,
		Version:       version,
		Long:          strings.TrimSpace(help),
		SilenceErrors: true, // Run prints them, once
		SilenceUsage:  true,
	}
	c.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	c.SetHelpTemplate(helpTemplate)
	c.SuggestionsMinimumDistance = 2
	return c
}

const helpTemplate = `{{with or .Long .Short}}{{. | trimTrailingWhitespaces}}{{end}}
{{if .HasParent}}
Usage:
    {{.UseLine}}
{{end}}{{with .Example}}
Example:
{{.}}
{{end}}{{if .HasAvailableSubCommands}}
Commands:
{{range .Commands}}{{if .IsAvailableCommand}}    {{rpad .Name .NamePadding}} {{.Short}}
{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}
Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}
{{end}}{{if .HasAvailableInheritedFlags}}
Flags of every command:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}
{{end}}`

// BuildVersion returns the version and the revision that the program was built
// from, as far as the build knows them.
func BuildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	version, revision, changed := info.Main.Version, "", ""
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = " " + s.Value
		case "vcs.modified":
			if s.Value == "true" {
				changed = " (changed)"
			}
		}
	}
	return version + revision + changed
}

// Require adds a text flag without which the command does not run. It may not be
// empty: that is a script's variable that nobody has set.
func Require(c *cobra.Command, value *string, name, help string) {
	c.Flags().Var((*required)(value), name, help+" (required)")
	if err := c.MarkFlagRequired(name); err != nil {
		panic("terminal: internal error: " + err.Error())
	}
}

// A required is the value of such a flag.
type required string

func (r *required) String() string { return string(*r) }
func (r *required) Type() string   { return "string" }

func (r *required) Set(s string) error {
	if s == "" {
		return errors.New("it is empty")
	}
	*r = required(s)
	return nil
}

// Main runs a program and exits with its status.
func Main(root *cobra.Command) {
	os.Exit(Run(root, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Run runs a program with the given arguments, prints its error if it has one,
// and returns the exit status: that of the Error which the command returned,
// ExitUsage for arguments and flags that do not fit, ExitInternal for every
// other error, for a panic, and when something that was printed on standard
// output is lost: nobody may take what a full disk has cut for the whole answer.
func Run(root *cobra.Command, args []string, stdin io.Reader, stdout, stderr io.Writer) (status int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(stderr, "%s\n", debug.Stack())
			status = Fail(stderr, root.Name(), fmt.Sprintf("internal error: %v", r), "", ExitInternal)
		}
	}()
	if root.RunE == nil && root.Run == nil {
		root.RunE = func(*cobra.Command, []string) error {
			return Unusable(errors.New("no command given"), seeHelp(root))
		}
	}
	mark(root)
	root.SetArgs(args)
	root.SetIn(stdin)
	out := &printed{w: stdout}
	root.SetOut(out)
	root.SetErr(stderr)
	c, err := root.ExecuteC()
	if lost := out.lost(); lost != nil && (err == nil || errors.Is(err, lost)) {
		return Fail(stderr, root.Name(), "printing the answer: "+lost.Error(), "", ExitInternal)
	}
	if err == nil {
		return ExitOK
	}
	if ran, ok := errors.AsType[*ranError](err); ok {
		err = ran.err
	} else {
		err = Unusable(err, seeHelp(c)) // cobra's own: flags, arguments, unknown command
	}
	return Fail(stderr, root.Name(), err.Error(), hint(err), Status(err))
}

// A printed is standard output that remembers what went wrong with it, since a
// line for a person is printed without looking.
type printed struct {
	w   io.Writer
	mu  sync.Mutex
	err error
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n, err := p.w.Write(b)
	if p.err == nil {
		p.err = err
	}
	return n, err
}

func (p *printed) lost() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

func seeHelp(c *cobra.Command) string { return "see " + c.CommandPath() + " --help" }

// A ranError marks what a command returned, to tell it from cobra's errors
// about flags and arguments.
type ranError struct{ err error }

func (e *ranError) Error() string { return e.err.Error() }

// mark wraps the functions of c and of all commands below it.
func mark(c *cobra.Command) {
	for _, f := range []*func(*cobra.Command, []string) error{&c.PersistentPreRunE, &c.PreRunE, &c.RunE, &c.PostRunE, &c.PersistentPostRunE} {
		if run := *f; run != nil {
			*f = func(c *cobra.Command, args []string) error {
				if err := run(c, args); err != nil {
					return &ranError{err}
				}
				return nil
			}
		}
	}
	for _, sub := range c.Commands() {
		mark(sub)
	}
}
