import ScopeDissect

extension Transform {
    /// The attributes that a device would ever send; a hostile one may have thousands.
    var kept: Transform {
        attributes.count <= 64 ? self : Transform(number: number, id: id, attributes: Array(attributes.prefix(64)))
    }

    /// Bytes that it holds, about.
    var cost: Int { attributes.reduce(0) { $0 + 48 + ($1.number == nil ? $1.value.count : 0) } }
}
