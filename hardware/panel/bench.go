package panel

// OpenBench connects to a bench: a program that plays a panel over a unix
// socket. Only a station that is not live may use one (docs/adr/0024-*.md): the
// caller decides that.
func OpenBench(socket string) (Lines, error) { return nil, errNotYet }
