/// Placeholder of the room until its owner moves in.
enum CtxServiceRoom {}
