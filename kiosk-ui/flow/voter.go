package flow

import "github.com/openreferendum/referendum/kiosk-ui/screen"

// A voter is what the screens know of the voter at them. Its choices are wiped
// when the session ends.
type voter struct {
	language string
	look     screen.Look
}

func (f *Flow) newVoter() voter { return voter{} }

func (f *Flow) updateVoter(before Situation) {}

func (f *Flow) pressVoter(name string) []Command { return nil }

func (f *Flow) voterScreen() screen.Screen { return screen.Screen{} }
