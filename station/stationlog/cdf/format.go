package cdf

// The classes of NIST SP 1500-101, Version 1.0, with the names of its JSON schema.

type electionEventLog struct {
	Type          string   `json:"@type"`
	Devices       []device `json:"Device"`
	ElectionID    string   `json:"ElectionId"`
	GeneratedTime string   `json:"GeneratedTime"`
}

type device struct {
	Type         string  `json:"@type"`
	Details      string  `json:"Details"`
	Events       []event `json:"Event"`
	HashType     string  `json:"HashType"`
	ID           string  `json:"Id"`
	Manufacturer string  `json:"Manufacturer,omitempty"`
	Model        string  `json:"Model,omitempty"`
	Usage        string  `json:"Type"`
	Version      string  `json:"Version,omitempty"`
}

type event struct {
	Type        string `json:"@type"`
	Description string `json:"Description"`
	Details     string `json:"Details,omitempty"`
	Disposition string `json:"Disposition"`
	Hash        string `json:"Hash"`
	ID          string `json:"Id"`
	Sequence    string `json:"Sequence"`
	Severity    string `json:"Severity"`
	TimeStamp   string `json:"TimeStamp"`
	Kind        string `json:"Type"`
	UserID      string `json:"UserId,omitempty"`
}

type documentation struct {
	Type          string            `json:"@type"`
	Manufacturer  string            `json:"DeviceManufacturer"`
	Model         string            `json:"DeviceModel"`
	Version       string            `json:"DeviceVersion,omitempty"`
	IDs           []idDescription   `json:"EventIdDescription"`
	Types         []typeDescription `json:"EventTypeDescription"`
	GeneratedDate string            `json:"GeneratedDate"`
}

type idDescription struct {
	Type        string `json:"@type"`
	Description string `json:"Description"`
	ID          string `json:"Id"`
}

type typeDescription struct {
	Type        string `json:"@type"`
	Description string `json:"Description"`
	Kind        string `json:"Type"`
}
