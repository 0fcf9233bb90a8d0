package printertest

// A Port is a serial port (a pty) with a printer at its other end.
type Port struct{}

// OpenPort plugs the printer in. Close unplugs it.
func OpenPort(p *Printer) (*Port, error) { return nil, errUnfinished }

// Path returns what the driver opens. It is the same after Replug.
func (o *Port) Path() string { return "" }

// Unplug pulls the plug: open files get errors, and the path is gone. It may be
// called from a function given to At.
func (o *Port) Unplug() error { return errUnfinished }

// Replug plugs the printer in again, under the same path.
func (o *Port) Replug() error { return errUnfinished }

// Close unplugs the port, closes the printer, and removes the path.
func (o *Port) Close() error { return errUnfinished }
