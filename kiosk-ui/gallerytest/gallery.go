package gallerytest

import "github.com/openreferendum/referendum/kiosk-ui/screen"

// Scenes returns the scenes of the contact sheets, in their order.
func Scenes() []Scene { return complete(append(voterScenes(), workersScenes()...)) }

// Notices returns a scene for each thing that a station can tell its poll
// workers.
func Notices() []Scene { return complete(noticeScenes()) }

func complete(scenes []Scene) []Scene {
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
