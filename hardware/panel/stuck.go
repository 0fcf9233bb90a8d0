package panel

// A Stuck says where a slip was last seen.
type Stuck int

// The ways to be stuck.
const (
	StuckInWindow Stuck = iota + 1 // it still stands in the window, and passed no sensor
	StuckBetween                   // it left the window, and arrived nowhere
	StuckWrongBin                  // it arrived in the other bin
	StuckExit                      // it arrived, and paper still stands in the window
	StuckGate                      // something lies in front of a drop sensor: before it, so nothing was opened, or after the slip
)

// A StuckError is a slip that did not go the whole way. The station stops, and two
// poll workers look.
type StuckError struct {
	Where Stuck
	To    Bin
	Line  Line // the sensor that says so
}

func (e *StuckError) Error() string {
	switch e.Where {
	case StuckInWindow:
		return "releasing a slip to the " + e.To.String() + ": it did not leave the window"
	case StuckBetween:
		return "releasing a slip to the " + e.To.String() + ": it left the window and did not arrive"
	case StuckWrongBin:
		return "releasing a slip to the " + e.To.String() + ": it arrived in the other bin"
	case StuckExit:
		return "releasing a slip to the " + e.To.String() + ": it arrived, and paper still stands in the window"
	}
	return "releasing a slip to the " + e.To.String() + ": something lies in front of sensor " + string(e.Line)
}

// Do tells a poll worker what to do.
func (e *StuckError) Do() string {
	switch e.Where {
	case StuckInWindow:
		return "Two poll workers look at the window together: the slip is still in it. Write down what you see before you touch it."
	case StuckBetween:
		return "Two poll workers open the chute together: the slip is between window and bins. Write down where it lies before you touch it."
	case StuckWrongBin:
		return "Two poll workers write down that one slip fell into the wrong bin. Do not open the bins: the slip is found when they are counted."
	case StuckExit:
		return "Two poll workers look at the window together: a second piece of paper is in it, or the sensor is dirty. Write down what you see."
	}
	return "Two poll workers look into the chute together: paper lies in front of a bin, the bin is full, or the sensor is dirty. Write down what you see."
}
