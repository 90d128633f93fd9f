// Package addressing measures how well it is recognised who is meant by what people say: labelled
// lines, a score, and naive ways to compare with. No published benchmark of this is known; others
// may use this one.
//
// A line is a label, a bar, and what Ada says in a room of three personas (iris, also irish and
// eyeris; max; otto) and three people (ada, bob, and Mary Ann, who is there as user-7), where
// nobody has been answered lately. The label is who is to answer, in order, or one of three words:
//
//	iris max  | Iris and Max, what is this?
//	everybody | Hello everyone!
//	person    | Bob, did you hear what Iris said?
//	nobody    | I like what Iris said.
//
// A line labelled "room" has those behind it said elsewhere: personas with their aliases behind
// slashes, people by their identities with their names, and who speaks.
//
//	room | nova/novah felix | dana, user-3=Rosa Lind | dana
//
// lines.txt are those that the rules of package turn were improved on: they say what the rules
// hold, not how well they do on what people will say next. heldout.txt says that: it was written
// before it was scored, and no rule was changed for it; half of it is said in other rooms. Five
// such sets were written one after another, each scored once before anything was learnt from it:
// together recall .950 (594 of 625) and false responses .038 (22 of 575), the last one alone 1.000
// (of 109) and .031 (3 of 96). Whoever wrote them knew the rules.
//
// The score has two figures. Recall: of the lines by which personas are meant, those that exactly
// they answer, in their order. False responses: of the other lines, those that any persona answers.
// To score another system, have it answer the lines of a file, write the label of what it did in
// each line of another file, and hand that to Answers and RateAnswers, or to the command
// "sensory-agent bench addressing --answers".
//
// The package is pure, and has nothing but the standard library and package turn.
package addressing
