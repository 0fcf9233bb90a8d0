package flow

import "github.com/openreferendum/referendum/kiosk-ui/screen"

// workers is where the poll workers are in their own screens.
type workers struct{}

// forWorkers reports whether the screen is the poll workers'.
func (f *Flow) forWorkers() bool { return false }

func (f *Flow) updateWorkers(before Situation) {}

func (f *Flow) pressWorkers(name string) []Command { return nil }

func (f *Flow) workersScreen() screen.Screen { return screen.Screen{} }
