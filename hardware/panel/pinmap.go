package panel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// A Pin says where a line is connected.
type Pin struct {
	Pin       string `json:"pin"`                 // its name on this computer, such as "GPIO17"
	ActiveLow bool   `json:"activeLow,omitempty"` // active when the pin is low
	Pull      string `json:"pull,omitempty"`      // of an input: "up", "down", or "none" when a resistor is on the board
}

// A PinMap says for every line where it is connected. Its JSON form is an object
// from line names to pins; names given twice and fields that there are not are refused.
type PinMap map[Line]Pin

// UnmarshalJSON reads the JSON form and checks it.
func (m *PinMap) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	read := PinMap{}
	err := members(d, func(name string) error {
		p, err := readPin(d)
		read[Line(name)] = p
		return err
	})
	if err != nil {
		return fmt.Errorf("reading a pin map: %w", err)
	}
	if err := read.check(); err != nil {
		return fmt.Errorf("reading a pin map: %w", err)
	}
	*m = read
	return nil
}

func readPin(d *json.Decoder) (Pin, error) {
	var p Pin
	err := members(d, func(name string) error {
		switch name {
		case "pin":
			return d.Decode(&p.Pin)
		case "activeLow":
			return d.Decode(&p.ActiveLow)
		case "pull":
			return d.Decode(&p.Pull)
		}
		return errors.New("there is no such field")
	})
	return p, err
}

// members reads an object, and calls value, which reads the value, for each name. A
// name that is there twice is an error.
func members(d *json.Decoder, value func(name string) error) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.Join(errors.New("no object"), err)
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		name := t.(string) // the decoder gives nothing else as a name
		if seen[name] {
			return fmt.Errorf("%q stands there twice", name)
		}
		seen[name] = true
		if err := value(name); err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
	}
	_, err := d.Token()
	return err
}

// check refuses a map that is not whole, or under which a cut wire or a computer
// that is off would be dangerous.
func (m PinMap) check() error {
	names := map[string]Line{}
	for l, p := range m {
		input, output := slices.Contains(Inputs(), l), slices.Contains(Outputs(), l)
		switch {
		case !input && !output:
			return fmt.Errorf("there is no line %q", l)
		case p.Pin == "":
			return fmt.Errorf("line %s has no pin", l)
		case names[p.Pin] != "":
			return fmt.Errorf("lines %s and %s have the same pin", min(l, names[p.Pin]), max(l, names[p.Pin]))
		case output && p.Pull != "":
			return fmt.Errorf("output %s has a pull", l)
		case input && !slices.Contains([]string{"up", "down", "none"}, p.Pull):
			return fmt.Errorf("input %s needs pull up, down or none", l)
		case (l == Solenoid || l == Diverter) && p.ActiveLow:
			// A pin is low, or pulled low, before a program sets it, and an output that the
			// kernel sets up begins low.
			return fmt.Errorf("output %s must be active when high: a computer that starts would open the way into the box", l)
		case hidesCutWire(l, p):
			return fmt.Errorf("input %s: with this pull a cut wire looks like a closed door", l)
		}
		names[p.Pin] = l
	}
	for _, l := range append(Inputs(), Outputs()...) {
		if _, ok := m[l]; !ok && !l.optional() {
			return fmt.Errorf("line %s is missing", l)
		}
	}
	return nil
}

// hidesCutWire: the contact of a closed door conducts against the pull, so that an open
// door, a cut wire and a pulled plug are one and the same.
func hidesCutWire(l Line, p Pin) bool {
	if !slices.Contains(Tamper(), l) && l != MainsFail {
		return false
	}
	return (p.Pull == "down" && !p.ActiveLow) || (p.Pull == "up" && p.ActiveLow)
}
