/// `ctx.logger` is swift-log's `Logger`: whoever imports `Operative` can write to it without another import.
@_exported public import Logging
