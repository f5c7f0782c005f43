package gamepad

// State is what is done with a pad at a time.
type State struct {
	Buttons  uint32   // a bit for each that is down, by its number in the W3C's standard gamepad
	Axes     [4]int16 // left x, left y, right x, right y; right and down are positive
	Triggers [2]uint8 // left, right; 255: pulled whole
}

// The numbers of what is there (linux/input-event-codes.h).
const (
	evSyn, evKey, evAbs, evFF = 0x00, 0x01, 0x03, 0x15

	synReport, synDropped = 0, 3
	ffGain                = 0x60

	hatX, hatY = 6, 7 // among the axes below
)

// axisCodes and buttonCodes are those of an Xbox 360 pad, in the order in which
// joydev numbers them. preload/device.c holds the same.
var (
	axisCodes   = [...]uint16{0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x10, 0x11} // X Y Z RX RY RZ HAT0X HAT0Y
	buttonCodes = [...]uint16{0x130, 0x131, 0x133, 0x134, 0x136, 0x137, 0x13a, 0x13b, 0x13c, 0x13d, 0x13e}
)

// standard says which button of the pad each of the W3C's is; -1: none, as the
// triggers are axes and the cross is two.
var standard = [...]int{0, 1, 2, 3, 4, 5, -1, -1, 6, 7, 9, 10, -1, -1, -1, -1, 8}

// The cross among the W3C's buttons.
const crossUp, crossDown, crossLeft, crossRight = 12, 13, 14, 15

// report is a State as the device tells of it.
type report struct {
	axes    [len(axisCodes)]int32
	buttons uint32 // a bit for each that is down, in the order of buttonCodes
}

func (s State) report() report {
	var r report
	for number, button := range standard {
		if button >= 0 && s.Buttons&(1<<number) != 0 {
			r.buttons |= 1 << button
		}
	}
	r.axes = [...]int32{
		int32(s.Axes[0]), int32(s.Axes[1]), int32(s.Triggers[0]),
		int32(s.Axes[2]), int32(s.Axes[3]), int32(s.Triggers[1]),
		hatX: s.cross(crossLeft, crossRight), hatY: s.cross(crossUp, crossDown),
	}
	return r
}

func (s State) cross(back, forth int) int32 {
	return int32(s.Buttons>>forth&1) - int32(s.Buttons>>back&1)
}

// change is one thing that a device tells.
type change struct {
	axis  bool
	index int // among axisCodes or buttonCodes
	value int32
}

// since appends what differs from another report.
func (r report) since(last report, changes []change) []change {
	for i, value := range r.axes {
		if value != last.axes[i] {
			changes = append(changes, change{true, i, value})
		}
	}
	for i := range buttonCodes {
		if (r.buttons^last.buttons)&(1<<i) != 0 {
			changes = append(changes, change{false, i, int32(r.buttons >> i & 1)})
		}
	}
	return changes
}

// all appends everything, as of a device of which nothing is known yet.
func (r report) all(changes []change) []change {
	for i, value := range r.axes {
		changes = append(changes, change{true, i, value})
	}
	for i := range buttonCodes {
		changes = append(changes, change{false, i, int32(r.buttons >> i & 1)})
	}
	return changes
}
