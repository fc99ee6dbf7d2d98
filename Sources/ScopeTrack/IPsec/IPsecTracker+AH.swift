import ScopeDissect
import ScopeModel
import ScopeWire

/// AH: the same accounts as those of ESP, keys that only verify, and contents in the clear.
extension IPsecTracker {
    /// Takes in the AH packet at `range` of `bytes`; gives its header, its account, and the IP packet inside.
    ///
    /// `headers` are the IP header around it and what stands between.
    func ah(
        _ packet: Packet, _ range: Range<Int>, headers: Range<Int>, _ bytes: RawSpan
    ) -> (header: AHHeader, account: Int, inner: Datagram?)? {
        var reader = ByteReader(bytes, in: range, limit: packet.isCut ? .capture : .ip)
        let header: AHHeader
        do throws(DecodeError) {
            header = try AHHeader(reading: &reader, bytes)
        } catch {
            if !packet.isCut {
                emitter.emit(.malformed(MalformedPacket(layer: .ah, error: error)), of: packet, bytes)
            }
            return nil
        }
        var evicted = 0
        var repetition = recent.see(packet, spi: header.spi, sequence: header.sequence, header.icv, bytes)
        let isV6 = packet.source.address.isV6
        var place =
            accounts.known(packet, spi: header.spi, isAH: true)
            ?? settle(packet, header.spi, header.sequence, isAH: true, repetition, &evicted) { place in
                guard let verifier = accounts.slots[place].verifier else { return false }
                let verdict = check(verifier, header, at: range, behind: headers, isV6: isV6, bytes)
                return if case .verified = verdict { true } else { false }
            }
        if case .first = repetition {} else { reflect(&repetition, packet, header.spi) }
        if !accounts.slots[place].hasLooked {
            lookAH(place, packet, header.spi) { check($0, header, at: range, behind: headers, isV6: isV6, bytes) }
        }
        var verdict = packet.isCut ? AHVerdict.cut : .noKey
        if !packet.isCut, let verifier = accounts.slots[place].verifier {
            verdict = check(verifier, header, at: range, behind: headers, isV6: isV6, bytes)
            if case .badICV = verdict, isApart(place, packet) {
                let verifiers = unsealer.ahVerifiers(
                    spi: header.spi, source: packet.source.address, destination: packet.destination.address)
                for own in verifiers {
                    let again = check(own, header, at: range, behind: headers, isV6: isV6, bytes)
                    guard case .verified = again else { continue }
                    verdict = again
                    place = accounts.open(packet, spi: header.spi, isAH: true, evicted: &evicted)
                    accounts.slots[place].verifier = own
                    noteLook(at: place, packet, nil, key: own.keyName, isDecided: true)
                    break
                }
            }
        }
        if case .badICV = verdict, let verifier = accounts.slots[place].verifier,
            let field = fieldLeftIn(verifier, header, at: range, behind: headers, isV6: isV6, bytes)
        {
            accounts.slots[place].account.leftIn = (field, (accounts.slots[place].account.leftIn?.packets ?? 0) + 1)
        }
        accounts.slots[place].account.fieldLength = UInt8(clamping: header.icv.count)
        var inner: Datagram?
        if header.nextHeader == .ipv4 || header.nextHeader == .ipv6 {
            inner = (try? FrameDissector.datagram(ofIP: bytes, in: header.payload, limit: .ip, recorder: nil)) ?? nil
        }
        var isOutside = false
        if let inner, let selectors = accounts.slots[place].selectors {
            isOutside = !selectors.admits(header.payload, inner, bytes)
        }
        let step = accounts.counting(place) {
            $0.count(
                verdict, repetition, sequence: header.sequence, octets: range.count, isOutside: isOutside, in: packet)
        }
        if case .first = repetition { recent.note(account: place) }
        let event = AHPacket(
            source: packet.source, destination: packet.destination, spi: header.spi, sequence: header.sequence,
            length: range.count, bytes: range, account: accounts.slots[place].account.number,
            nextHeader: header.nextHeader.rawValue, verdict: verdict, inner: inner, repetition: repetition,
            step: step, enclosure: packet.enclosure, isOutsideSelectors: isOutside)
        emitter.emit(.ah(Told(event)), of: packet, ikeSA: accounts.slots[place].account.ikeSA, bytes)
        tell(evicted, packet)
        return (header, event.account, inner)
    }

    /// The field that a sender covers though it changes on the way: with it the ICV is right.
    private func fieldLeftIn(
        _ verifier: any AHVerifier, _ header: AHHeader, at range: Range<Int>, behind headers: Range<Int>, isV6: Bool,
        _ bytes: RawSpan
    ) -> AHMutableField? {
        AHMutableField.allCases.first { field in
            let verdict = check(
                verifier, header, at: range, behind: headers, isV6: isV6, leaving: field, bytes)
            return if case .verified = verdict { true } else { false }
        }
    }

    private func check(
        _ verifier: any AHVerifier, _ header: AHHeader, at range: Range<Int>, behind headers: Range<Int>, isV6: Bool,
        leaving field: AHMutableField? = nil, _ bytes: RawSpan
    ) -> AHVerdict {
        let coverage = covered.withUnsafeMutableBytes { target in
            AHCoverage(
                bytes, headers: headers, ah: range, icv: header.icv, isV6: isV6, leaving: field, into: target)
        }
        guard let coverage else { return .badICV }
        return verifier.verify(covered, covered: 0..<coverage.count, icv: coverage.icv, sequence: header.sequence)
    }

    private func lookAH(_ place: Int, _ packet: Packet, _ spi: UInt32, _ check: (any AHVerifier) -> AHVerdict) {
        let candidates = children.candidates(spi: spi, isAH: true, packet)
        let verifiers =
            candidates.compactMap(\.verifier)
            + unsealer.ahVerifiers(spi: spi, source: packet.source.address, destination: packet.destination.address)
        let proved =
            verifiers.count > 1 && !packet.isCut
            ? verifiers.first { if case .verified = check($0) { true } else { false } } : nil
        let chosen = proved ?? verifiers.first
        accounts.slots[place].verifier = chosen
        let child = candidates.first { $0.verifier != nil && $0.verifier === chosen } ?? candidates.first
        noteLook(at: place, packet, child, key: chosen?.keyName, isDecided: verifiers.count < 2 || proved != nil)
    }
}
