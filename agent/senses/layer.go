package senses

// leastSide is asked for however little a model uses of a picture, in pixels: smaller layers are
// for thumbnails, and have the bits for no more.
const leastSide = 480

// layer is which of a track's layers an eye has asked for. Owned by its reading goroutine.
type layer struct {
	asked   bool
	side    int  // the longer side that is of use; 0 for all there is
	bounded bool // the track is larger than pictures may be, and what can be taken of it was asked for
}

// choose asks for the smallest layer that has all that those who look can use, where that has
// changed. Where nobody looks it is the smallest there is. A track without layers stays as it is.
func (y *Eye) choose() {
	side := y.useful()
	if y.layer.bounded || y.layer.asked && y.layer.side == side {
		return
	}
	y.layer.asked, y.layer.side = true, side
	if side == 0 {
		side = 1 << 15 // all there is
	}
	y.prefer(side, side)
}

// useful is the longer side of the largest picture that anybody who looks can use; 0 where one has
// no bound.
func (y *Eye) useful() int {
	y.mu.Lock()
	defer y.mu.Unlock()
	most := 1
	for _, g := range y.gazes {
		side := g.encoder.eyes.LongestSide()
		if side == 0 {
			return 0
		}
		most = max(most, side, leastSide)
	}
	return most
}
