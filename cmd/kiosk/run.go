package main

import (
	"bufio"
	"errors"
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
	c := &cobra.Command{
		Use: "run --config FILE --console", Args: cobra.NoArgs,
		Short: "open, vote, close and export, at the console",
		Long: `run starts the station with all its devices. At the console, cards, paper and doors
are real, and what else people do is typed; help lists the words. It ends with quit,
at the end of its input, or by a signal; the polls stay as they are, and the next
start goes on.`,
		Example: "    kiosk run --config kiosk.json --console",
		RunE: func(c *cobra.Command, _ []string) error {
			if !plain {
				return terminal.Unusable(errors.New("only the console is there"), "add --console")
			}
			return s.run(c)
		},
	}
	s.add(c)
	s.keys.Flag(c)
	c.Flags().BoolVar(&plain, "console", false, "use the plain console")
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
	front := newConsole(c.InOrStdin(), terminal.NewVoice(c.OutOrStdout(), kind), e, &s.keys)
	defer front.close()
	o.Show = front.show
	k, err := kiosk.Start(config, o)
	if err != nil {
		return terminal.About(kind, terminal.Bad(err, "kiosk selftest looks at every part on its own"))
	}
	front.k = k
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(stop)
	front.serve(stop)
	return terminal.About(kind, k.Close())
}

// lines sends what is typed, line by line, until the input ends.
func (c *console) lines(done <-chan struct{}) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		s := bufio.NewScanner(c.in)
		for s.Scan() {
			select {
			case lines <- s.Text():
			case <-done:
				return
			}
		}
	}()
	return lines
}

// serve is the loop of the console: one thing at a time, whether a device did
// it or a person typed it.
func (c *console) serve(stop <-chan os.Signal) {
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
			if !more || c.command(line) == errQuit {
				return
			}
		case <-c.deadline():
			c.v.Say("waited in vain for %s: the station is %v", c.wanted, c.k.View().State.At)
			c.wanted = ""
		case <-stop:
			return
		}
	}
}
