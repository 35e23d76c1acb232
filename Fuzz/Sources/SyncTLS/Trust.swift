// What the links beside this file need of their room, whose other files need NIO.

enum TLSTrust: Equatable {
    case pinned([KeyPin])
    case system(hostname: String)
    case authorities(pem: [UInt8], hostname: String)
}
