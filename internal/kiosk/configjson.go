package kiosk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// decodeConfig decodes a configuration, and says what is wrong with it in the
// words of whoever wrote it: which line, which field.
func decodeConfig(b []byte, c *Config) error {
	if err := noFieldTwice(b); err != nil {
		return plainJSON(b, err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(c); err != nil {
		return plainJSON(b, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows after the configuration")
	}
	return nil
}

// noFieldTwice refuses an object in which a field stands twice: people would read
// one, and the decoder takes the other.
func noFieldTwice(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	return oneValue(d, 0)
}

// maxDepth is how deep a configuration is, with room.
const maxDepth = 16

func oneValue(d *json.Decoder, depth int) error {
	if depth > maxDepth {
		return errors.New("brackets within brackets without end")
	}
	t, err := d.Token()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for open := t; (open == json.Delim('{') || open == json.Delim('[')) && d.More(); {
		if open == json.Delim('{') {
			name, err := d.Token()
			if err != nil {
				return err
			}
			key := strings.ToLower(fmt.Sprint(name))
			if seen[key] {
				return fmt.Errorf("the field %q stands there twice", name)
			}
			seen[key] = true
		}
		if err := oneValue(d, depth+1); err != nil {
			return err
		}
	}
	if t == json.Delim('{') || t == json.Delim('[') {
		_, err = d.Token()
	}
	return err
}

// plainJSON says an error of the decoder in words for people.
func plainJSON(b []byte, err error) error {
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("line %d: not JSON: %s", line(b, wrong.Offset), strings.TrimPrefix(wrong.Error(), "json: "))
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		value, _, _ := strings.Cut(wrong.Value, " ")
		if value == "string" {
			value = "text"
		}
		return fmt.Errorf("line %d: the field %q may not be a %s", line(b, wrong.Offset), wrong.Field, value)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends in the middle")
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return fmt.Errorf("there is no field %s", field)
	}
	return err
}

// line is in which line a byte stands.
func line(b []byte, offset int64) int {
	return 1 + bytes.Count(b[:min(max(offset, 0), int64(len(b)))], []byte("\n"))
}
