import EgWalker

// Two copies of one text; each copy that writes has an agent of its own.
var phone = TextDocument(agent: 1)
try phone.setText("WeChat has a web version")
var laptop = try TextDocument(agent: 2, decoding: phone.encoded())

// Written apart.
try phone.setText("WeChat (微信) has a web version")
try laptop.setText("WeChat has a web version, too")

// Exchanged, in any order and any number of times.
try phone.apply(laptop.changes(since: []))
try laptop.apply(phone.changes(since: []))

print(phone.text)
print(phone.text == laptop.text ? "the same on both" : "not the same")
