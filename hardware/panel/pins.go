package panel

// A Pin says where a line is connected.
type Pin struct {
	Pin       string `json:"pin"`                 // its name on this computer, such as "GPIO17"
	ActiveLow bool   `json:"activeLow,omitempty"` // active when the pin is low
	Pull      string `json:"pull,omitempty"`      // of an input: "up", "down", or "none" when a resistor is on the board
}

// A PinMap says for every line where it is connected. Its JSON form is an object from
// line names to pins.
type PinMap map[Line]Pin

// OpenPins opens the pins of this computer. Every pin must exist.
func OpenPins(m PinMap) (Lines, error) { return nil, errNotYet }
