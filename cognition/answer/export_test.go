package answer

// Held is how many bytes a filter holds back.
func (f *Filter) Held() int {
	n := len(f.pending) + len(f.tail) + len(f.out.blank) + f.out.held.Len() + f.out.ready.Len()
	if f.maybe != nil {
		n += f.maybe.Len()
	}
	return n
}
