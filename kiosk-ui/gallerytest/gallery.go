package gallerytest

import "github.com/openreferendum/referendum/kiosk-ui/screen"

// Scenes returns every scene, in the order of the contact sheets.
func Scenes() []Scene {
	scenes := append(voterScenes(), workersScenes()...)
	for i := range scenes {
		s := &scenes[i]
		if s.ID == "" {
			s.ID = screen.ID(s.Name)
		}
		if s.setup == nil {
			s.setup = live
		}
	}
	return scenes
}
