package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/terminal"
)

func runCommand() *cobra.Command {
	var s setup
	var plain bool
	var d display
	c := &cobra.Command{
		Use: "run --config FILE", Args: cobra.NoArgs,
		Short: "open, vote, close and export, on the screen or at the console",
		Long: `run starts the station with all its devices and fills the display with its screens.
At the console instead, cards, paper and doors are real, and what else people do is
typed; help lists the words. It ends with quit, at the end of its input, or by a
signal; the polls stay as they are, and the next start goes on.`,
		Example: "    kiosk run --config kiosk.json\n    kiosk run --config kiosk.json --console",
		RunE: func(c *cobra.Command, _ []string) error {
			if plain {
				return s.run(c)
			}
			return s.show(c, d)
		},
	}
	s.add(c)
	s.keys.Flag(c)
	c.Flags().BoolVar(&plain, "console", false, "use the plain console")
	c.Flags().StringVar(&d.window, "window", "", "a window of `WIDTHxHEIGHT` pixels instead of the whole display, on a desk")
	return c
}

func (s *setup) run(c *cobra.Command) error {
	config, e, err := s.read()
	if err != nil {
		return err
	}
	kind := e.Manifest.Kind
	o, err := s.options()
	if err != nil {
		return err
	}
	// Output that is lost is seen, and everything closed; nobody leaves the program
	// for a shell and lets it stand still.
	signal.Ignore(syscall.SIGPIPE, syscall.SIGTSTP)
	out := newWatched(c.OutOrStdout())
	front := newConsole(c.InOrStdin(), newPage(out, kind), e, &s.keys, c.Flags().Changed("passphrase-file"))
	defer front.close()
	o.Show = front.show
	k, err := kiosk.Start(config, o)
	if err != nil {
		return terminal.About(kind, notStarted(err))
	}
	front.k = k
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(stop)
	front.serve(stop, out.lost)
	return terminal.About(kind, k.Close())
}

// notStarted says why a station has not started. What was given wrongly stays
// that.
func notStarted(err error) error {
	if e, ok := errors.AsType[*terminal.Error](err); ok {
		return e
	}
	what, do := kiosk.Plain(err)
	if do != "" {
		do += "; "
	}
	return terminal.Bad(errors.New(what), do+"kiosk selftest looks at every part on its own")
}

// A typed line.
type typed struct {
	text string
	err  error // errLine, or nil
}

// lines sends what is typed, line by line, until the input ends.
func (c *console) lines(done <-chan struct{}) <-chan typed {
	lines := make(chan typed)
	go func() {
		defer close(lines)
		r := bufio.NewReader(c.in)
		for {
			text, err := readLine(r)
			if err != nil && err != errLine {
				return
			}
			select {
			case lines <- typed{text, err}:
			case <-done:
				return
			}
		}
	}()
	return lines
}

// serve is the loop of the console: one thing at a time, whether a device did
// it or a person typed it.
func (c *console) serve(stop <-chan os.Signal, lost <-chan struct{}) {
	done := make(chan struct{})
	defer close(done)
	lines := c.lines(done)
	for {
		from := lines
		if c.waiting() {
			from = nil // typed ahead: it comes when the station is there
		}
		select {
		case e := <-c.k.Events():
			c.k.Handle(e)
		case line, more := <-from:
			if !more {
				return
			}
			if line.err != nil {
				c.report(line.err)
			} else if c.command(line.text) == errQuit {
				return
			}
		case <-c.deadline():
			c.p.say(fmt.Sprintf("waited in vain for %s: the station is %v", c.wanted, c.k.View().State.At), "")
			c.wanted = ""
		case <-stop:
			return
		case <-lost:
			return
		}
	}
}
