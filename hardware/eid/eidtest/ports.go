package eidtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// The virtual readers' ports. They lie below the ports that Linux gives to outgoing
// connections (32768 and up), so nobody gets one by chance between our look and the daemon's.
const (
	firstPort = 20000
	portPairs = 5000
)

// A portPair is reserved for this process: vpcd listens on port and port+1.
type portPair struct {
	port     int
	reserved net.Listener // an abstract name, which other stacks see and which ends with the process
}

// reservePorts finds two neighbouring ports that nobody uses.
func reservePorts() (*portPair, error) {
	start := rand.IntN(portPairs)
	for i := range portPairs {
		port := firstPort + 2*((start+i)%portPairs)
		reserved, err := net.Listen("unix", fmt.Sprintf("@eidtest-ports-%d", port))
		if err != nil {
			continue // another stack's
		}
		if free(port) && free(port+1) {
			return &portPair{port: port, reserved: reserved}, nil
		}
		reserved.Close()
	}
	return nil, errors.New("finding two free ports for the virtual reader: there are none")
}

func free(port int) bool {
	l, err := net.Listen("tcp4", fmt.Sprintf(":%d", port))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// address is where a card connects.
func (p *portPair) address() string { return fmt.Sprintf("127.0.0.1:%d", p.port) }
