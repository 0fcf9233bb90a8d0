// Package gallerytest shows every screen of the kiosk: a table of scenes, each
// with the situations and touches that lead to it through package flow. Golden
// images, the reviewers' contact sheets and the operators' manual are made from
// it.
//
// It draws with Fyne's painter in software, without a display. It plays no
// device and no station: package machine's tests do.
package gallerytest

import (
	"fmt"
	"slices"

	"github.com/openreferendum/referendum/kiosk-ui/flow"
	"github.com/openreferendum/referendum/kiosk-ui/locale"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// A Scene is one screen and the way there.
type Scene struct {
	// Name is its own among the scenes: that of its picture.
	Name string

	// ID is that of the screen which the way leads to.
	ID screen.ID

	setup func() flow.Setup
	way   []step
}

// A play is a scene that is being played in a language.
type play struct {
	flow     *flow.Flow
	now      flow.Situation
	language string
}

// A step is one thing that happens on the way.
type step func(*play) error

// Screen plays the scene in a language and returns the screen it ends at, as
// somebody sees it who wants it to look so.
func (s Scene) Screen(words *locale.Book, language string, look screen.Look) (screen.Screen, error) {
	setup := s.setup()
	setup.Languages = first(language, setup.Languages)
	p := &play{flow: flow.New(setup, words), language: language}
	for i, do := range s.way {
		if err := do(p); err != nil {
			return screen.Screen{}, fmt.Errorf("scene %s in %s, step %d: %w", s.Name, language, i+1, err)
		}
	}
	got := p.flow.Screen()
	got.Look.Size, got.Look.Contrast = look.Size, look.Contrast
	if got.ID != s.ID {
		return got, fmt.Errorf("scene %s in %s ends at screen %q, not %q", s.Name, language, got.ID, s.ID)
	}
	if got.Language != language {
		return got, fmt.Errorf("scene %s in %s is in %q", s.Name, language, got.Language)
	}
	return got, nil
}

// first puts a language before all others: screens that are there before
// somebody has chosen one are in the manifest's first. One that the manifest
// lacks stays away.
func first(language string, all []string) []string {
	if !slices.Contains(all, language) {
		return all
	}
	return append([]string{language}, slices.DeleteFunc(slices.Clone(all), func(l string) bool { return l == language })...)
}

// is changes what the station says of itself, and says it.
func is(change func(*flow.Situation)) step {
	return func(p *play) error {
		change(&p.now)
		p.flow.Update(p.now)
		return nil
	}
}

// press touches one after the other. What is not on the screen cannot be
// touched.
func press(names ...string) step {
	return func(p *play) error {
		for _, name := range names {
			if s := p.flow.Screen(); !s.Offers(name) {
				return fmt.Errorf("screen %q offers no %q", s.ID, name)
			}
			p.flow.Press(name)
		}
		return nil
	}
}

// typed touches keys.
func typed(keys string) step {
	return func(p *play) error {
		for _, k := range keys {
			if err := press(screen.KeyPrefix + string(k))(p); err != nil {
				return err
			}
		}
		return nil
	}
}

// way joins steps and ways.
func way(parts ...any) []step {
	var w []step
	for _, p := range parts {
		switch p := p.(type) {
		case step:
			w = append(w, p)
		case []step:
			w = append(w, p...)
		}
	}
	return w
}
