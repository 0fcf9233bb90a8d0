package stationlog

import "time"

// Time returns when the hour began, to be compared with a clock.
func (h Hour) Time() time.Time { return h.t }
