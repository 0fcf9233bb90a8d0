package voice

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// Config says which programs speak. The zero value is silence.
type Config struct {
	// Program is the absolute path of espeak-ng, such as /usr/bin/espeak-ng.
	// Empty: silence.
	Program string

	// Player is a program that plays what comes on its standard input, a WAV
	// file, and its arguments: an absolute path first. If empty, it is
	// DefaultPlayer.
	Player []string

	// Voices are espeak-ng's names of voices by language, in addition to
	// DefaultVoices or instead of some of them.
	Voices map[string]string

	// Recordings is a folder of recordings that are played instead of being
	// spoken (docs/hardware/voice.md). Empty: none.
	Recordings string
}

// DefaultPlayer plays on ALSA's default device.
func DefaultPlayer() []string { return []string{"/usr/bin/aplay", "-q"} }

// DefaultVoices are the voices that were tried. The voice "cmn" of espeak-ng 1.51
// reads Chinese as if its pronunciation were English.
func DefaultVoices() map[string]string {
	return map[string]string{"zh-Hant": "cmn-latn-pinyin", "en": "en", "id": "id"}
}

// A voice's name is never taken for an option, or for a path to a file.
var voiceName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_+-]{0,63}$`)

// complete puts the defaults in and checks what can be checked without a sound.
func (c Config) complete() (Config, error) {
	if len(c.Player) == 0 {
		c.Player = DefaultPlayer()
	}
	for _, program := range []string{c.Program, c.Player[0]} {
		if err := executable(program); err != nil {
			return c, err
		}
	}
	voices := DefaultVoices()
	for language, name := range c.Voices {
		if language == "" || !voiceName.MatchString(name) {
			return c, fmt.Errorf("the voice %q of the language %q is no voice's name", name, language)
		}
		voices[language] = name
	}
	c.Voices = voices
	return c, nil
}

// executable refuses what surely cannot be started. Programs are never looked
// for: a path that is searched is one more thing that can be changed.
func executable(program string) error {
	if !filepath.IsAbs(program) {
		return fmt.Errorf("the program %q is no absolute path", program)
	}
	info, err := os.Stat(program)
	if err != nil {
		return fmt.Errorf("looking for a program: %w", err)
	}
	if !info.Mode().IsRegular() || info.Mode()&0o111 == 0 {
		return fmt.Errorf("looking for a program: %s cannot be executed", program)
	}
	return nil
}

func (c Config) languages() []string { return slices.Sorted(maps.Keys(c.Voices)) }

// speeds are espeak-ng's words in a minute, from −2 to 2. Its own 175 is fast
// for a ballot.
var speeds = [5]int{90, 115, 145, 185, 230}

// amplitudes are espeak-ng's, from −2 to 2, some 5 dB apart. At 100 the loudest
// sample is just below the largest there is: more would only distort.
var amplitudes = [5]int{12, 25, 40, 65, 100}

// usual is where speeds and amplitudes are those of 0.
const usual = 2

// step finds the place of a value from −2 to 2.
func step(value int) int { return min(max(value, -usual), usual) + usual }

// task makes an utterance ready, or returns nil where there is nothing to say.
// Recordings have one speed: who asks for another one is spoken to.
func (c Config) task(u Utterance, sounds recordings) *task {
	voice, known := c.Voices[u.Language]
	if step(u.Rate) != usual {
		sounds = nil
	}
	pieces := split(u, sounds)
	if !known || len(pieces) == 0 {
		return nil
	}
	return &task{pieces: func() []piece { return pieces }, voice: voice, speed: speeds[step(u.Rate)], amplitude: amplitudes[step(u.Volume)]}
}
