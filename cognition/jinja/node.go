package jinja

// node is one statement; a closed set, run by [state.exec].
type node interface{ isNode() }

type (
	textNode  struct{ text string }
	valueNode struct{ value expr }
	setNode   struct {
		name, attr string // attr is set for namespace.attr = value
		value      expr
		body       []node // for a block set
	}
	ifNode struct {
		cond       expr
		then, rest []node
	}
	forNode struct {
		names      []string
		over, cond expr // cond may be nil
		body, rest []node
	}
	jumpNode struct{ stop bool } // break, or continue
)

func (textNode) isNode()  {}
func (valueNode) isNode() {}
func (setNode) isNode()   {}
func (ifNode) isNode()    {}
func (forNode) isNode()   {}
func (jumpNode) isNode()  {}

// expr is one expression; a closed set, evaluated by [state.eval].
type expr interface{ isExpr() }

type (
	constExpr struct{ value any }
	nameExpr  struct{ name string }
	listExpr  struct{ items []expr }
	dictExpr  struct{ keys, values []expr }
	attrExpr  struct {
		of   expr
		name string
	}
	indexExpr struct{ of, index expr }
	sliceExpr struct{ of, from, to expr } // from and to may be nil
	unaryExpr struct {
		op string
		of expr
	}
	binaryExpr struct {
		op          string
		left, right expr
	}
	condExpr struct{ then, cond, other expr } // other may be nil
	testExpr struct {
		of   expr
		name string
		not  bool
		args []expr
	}
	callExpr struct {
		kind string // filter, method or function
		name string
		of   expr // what a filter or method works on; nil for a function
		args []expr
		keys []string // names of keyword arguments
		vals []expr
	}
)

func (constExpr) isExpr()  {}
func (nameExpr) isExpr()   {}
func (listExpr) isExpr()   {}
func (dictExpr) isExpr()   {}
func (attrExpr) isExpr()   {}
func (indexExpr) isExpr()  {}
func (sliceExpr) isExpr()  {}
func (unaryExpr) isExpr()  {}
func (binaryExpr) isExpr() {}
func (condExpr) isExpr()   {}
func (testExpr) isExpr()   {}
func (callExpr) isExpr()   {}
