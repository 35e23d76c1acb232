// The first file to open in this room.
//
// Text that merges. Every save of a text stays as its author made it, a `TextChange`: "insert at 17", and which version
// the author saw. The changes form a graph; the text is a pure function of it, the same on every replica that has the
// same changes, however they came.
//
//     ChangeID, TextSpan, TextChange   what a save is
//     SpanCodec                        a save's spans as bytes
//     WordDiff                         from two texts to the spans of a save, word by word
//     TextMerge, TextHistory           merging for a store whose history lies elsewhere
//     TextDocument                     all of it in memory, with a history as bytes
//     TextConflict                     where two sides touched one sentence
//     EgWalkerLimits                   every maximum
//
// Inside, in Engine/: `EventGraph` (changes and what follows what), `Replay` (the walk), `MergeList` (where changes made
// apart meet), `PieceTable` (the text being built). docs/text-merge.md explains them.
//
// The method is that of Gentle and Kleppmann, "Collaborative Text Editing with Eg-walker" (EuroSys 2025), with one graph
// node for each save. Positions count Unicode scalars everywhere. This room imports nothing.
