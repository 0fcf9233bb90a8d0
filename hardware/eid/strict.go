package eid

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// Names that a profile's objects have. encoding/json takes "NAME" for "name",
// the last of two, and whatever stands behind the object: checkNames does not.
var (
	profileNames = []string{"name", "interface", "module", "key", "pin", "minPIN", "maxPIN", "keyTypes", "holder"}
	holderNames  = []string{"attribute", "prefix"}
)

// checkNames reports whether b is one JSON object, with nothing behind it, in
// which every name is spelt exactly and given once.
func checkNames(b []byte) error {
	if !utf8.Valid(b) {
		return errors.New("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if err := checkObject(d, profileNames); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something stands behind it")
	}
	return nil
}

func checkObject(d *json.Decoder, names []string) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("not a JSON object")
	}
	var seen []string
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		name, ok := t.(string)
		if !ok || !slices.Contains(names, name) {
			return fmt.Errorf("unknown field %q", t)
		}
		if slices.Contains(seen, name) {
			return fmt.Errorf("%s is there twice", name)
		}
		seen = append(seen, name)
		if name == "holder" {
			err = checkObject(d, holderNames)
		} else {
			var skipped json.RawMessage
			err = d.Decode(&skipped)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	_, err := d.Token()
	return err
}
