/// A set that forgets what was added longest ago when it is full.
struct RecentSet<Element: Hashable> {
    private var members: Set<Element> = []
    private var order: [Element] = []
    private var head = 0
    private let limit: Int

    init(limit: Int) { self.limit = max(limit, 1) }

    func contains(_ element: Element) -> Bool { members.contains(element) }

    mutating func insert(_ element: Element) {
        guard members.insert(element).inserted else { return }
        order.append(element)
        guard members.count > limit else { return }
        members.remove(order[head])
        head += 1
        guard head > limit else { return }
        order.removeFirst(head)
        head = 0
    }
}
