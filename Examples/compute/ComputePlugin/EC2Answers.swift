/// The answer to DescribeInstances.
struct EC2Description: Decodable {
    let reservationSet: EC2List<EC2Reservation>

    var machines: [EC2Machine] { reservationSet.elements.flatMap(\.machines) }
}

/// What was asked for together; also the answer to RunInstances.
struct EC2Reservation: Decodable {
    let instancesSet: EC2List<EC2Machine>

    var machines: [EC2Machine] { instancesSet.elements }
}

/// The answer to requests that are only accepted.
struct EC2Acceptance: Decodable {}

/// A list as the API writes it: elements named `item`, or none.
struct EC2List<Element: Decodable>: Decodable {
    let item: [Element]?

    var elements: [Element] { item ?? [] }
}
