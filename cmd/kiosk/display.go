package main

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"fyne.io/fyne/v2"
	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/hardware/voice"
	"github.com/openreferendum/referendum/internal/kiosk/front"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/kiosk-ui/window"
)

// A display is the screen for voters and poll workers.
type display struct {
	window string // "1024x768" on a desk; "": the whole display
}

// size reads the size of a window, in pixels. The zero value fills the display.
func (d display) size() (fyne.Size, error) {
	if d.window == "" {
		return fyne.Size{}, nil
	}
	w, h, found := strings.Cut(d.window, "x")
	width, err1 := strconv.ParseUint(w, 10, 16)
	height, err2 := strconv.ParseUint(h, 10, 16)
	if !found || err1 != nil || err2 != nil || width < 800 || height < 600 {
		return fyne.Size{}, terminal.Unusable(fmt.Errorf("--window %q is no size", d.window), "such as --window 1024x768; at least 800x600")
	}
	return fyne.NewSize(float32(width), float32(height)), nil
}

// A speaker reads screens aloud with the voice of the configuration.
type speaker struct{ *voice.Voice }

func (s speaker) Say(text, language string, v screen.Voice) {
	s.Voice.Say(voice.Utterance{Text: text, Language: language, Rate: v.Rate, Volume: v.Volume})
}

// show runs the kiosk behind its window until a signal comes, or the window is
// closed on a desk. It is called on the program's first goroutine, which is the
// one that may draw.
func (s *setup) show(c *cobra.Command, d display) error {
	size, err := d.size()
	if err != nil {
		return err
	}
	config, e, err := s.read()
	if err != nil {
		return err
	}
	o, err := s.options()
	if err != nil {
		return err
	}
	if !c.Flags().Changed("passphrase-file") {
		o.Passphrase = nil // it is typed on the screen
	}
	if os.Getenv("DISPLAY") == "" {
		return terminal.Unusable(fmt.Errorf("there is no display"), "start it in an X session, or add --console")
	}
	aloud, err := voice.Open(config.VoiceConfig())
	if err != nil {
		return terminal.Unusable(err, "the field voice of the configuration; without it nothing is read aloud")
	}
	defer aloud.Close() // what it says ends with it; nothing is lost
	o.CheckVoice = aloud.Check
	var f *front.Front
	w := window.Open(window.Options{Title: "Referendum", Size: size, Speaker: speaker{aloud}, Press: func(name string, on window.Screen) { f.Press(name, on) }})
	f, err = front.New(front.Options{Config: config, Election: e, Kiosk: o, VoiceLost: aloud.Lost(), Show: w.Show})
	if err != nil {
		return err
	}
	stop, ended := make(chan struct{}), make(chan error, 1)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(signals)
	go func() {
		<-signals
		w.Close()
	}()
	started := make(chan struct{})
	w.Run(func() {
		close(started)
		ended <- f.Run(stop)
	})
	close(stop)
	select {
	case <-started:
		return terminal.About(e.Manifest.Kind, <-ended)
	default: // a signal came before there was a window
		return nil
	}
}
