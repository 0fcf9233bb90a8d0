package voice

import (
	"errors"
	"fmt"
	"log/slog"
)

// What is said may be a voter's choices: it cannot be printed. (Held in an
// unexported field it could be, as fmt asks no method there: hold none.)

// Format writes that the utterance is not written.
func (Utterance) Format(f fmt.State, _ rune) { f.Write([]byte("voice.Utterance(redacted)")) }

// Format writes that the voice is not written.
func (*Voice) Format(f fmt.State, _ rune) { f.Write([]byte("voice.Voice(redacted)")) }

// LogValue logs that the utterance is not logged.
func (Utterance) LogValue() slog.Value { return slog.StringValue("voice.Utterance(redacted)") }

// MarshalJSON refuses.
func (Utterance) MarshalJSON() ([]byte, error) {
	return nil, errors.New("voice: an utterance in JSON")
}
