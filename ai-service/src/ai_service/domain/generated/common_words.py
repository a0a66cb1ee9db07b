"""Made by scripts/word_lists.py, not by hand: everyday words of English texts.

One of a hundred texts holds them, in two of the sets that `word_shares` names.
"""

COMMON_WORDS: str = """
        able about above accept accepted access accessing according accordingly account accounts across
        action actions active activity actual added adding addition additional address addresses admin
        administrator advise advised affect after again against agent agreement alert alerts allocation
        allow allowed allows along already also although always amount analysis analyst analytics annual
        another anymore appear appears applicable application applied applies apply applying approach
        appropriate approval approve approved approvers area around asap assign assigned assignment assist
        assistance associated attached attachments audit authorization authorized auto automatic
        automatically availability available average avoid back backup balance bank base based basis because
        become becomes been before begin beginning behavior being believe below benefits best between bill
        billed billing black block blue blvd body book both brother building built business cable calculated
        calendar call called cancel cannot capacity capture card cards case cases cash center certain
        certified change changed changes channel channels character characters charge charged charges check
        checks cheers choice choose client clients close cloud code codes colleague colleagues come comments
        commercial common company compare complete completed completely completion compliance conditions
        configuration configure confirm confirmation confirmed connect connected connection consider
        considerations considered consultant contact contain content contents context continue contract
        control controls copy correct corresponding cost costs could count country cover create created
        creating creation credentials credit critical crypto currencies currency current currently custom
        customer customers daily dark dashboard data date dates days dear debit december decide decline
        declined dedicated default define defined delete deleted delivery depending depends description
        design designed destination detail details determine developer development device devices different
        direct directly disable discipline display displayed document documentation documents does done down
        download dual during each earlier early edit effect either email empty enable enabled enabling ends
        engineer english enough ensure enter enterprise entire entity entries entry environment equal error
        errors especially establish established estimate even event events every everyone example examples
        exchange existing expected experience explained export extend extension external extra fall false
        family feature features february fees field fields file files filter filters final financial find
        first fixed floor flow follow followed following force forced form format forms found four free
        friday friends from full fully function funds further future general generally generate generated
        gets getting give given goes going gold good goods great group groups guide guidelines guys hand
        happens hardware have having head hello help helps here high higher highest history holiday home
        host hour hours however human identifier identify identity image images immediately impact
        importance important improve include included includes including incoming increase increases
        indicates individual industry inform information informed infrastructure initial install
        installation installed instance instead instructions integration intended internal international
        into investigate issue issues item items itself july june just keep kind kindly know known language
        large larger last late later latest lead leader learn least leave left legal less level license like
        limit limited limits line link list listed lite live local located location locations logged logs
        long longer look looking lost lower machine made mailbox main maintain major make makes making
        manage management manager managing mandatory manual many march match matches maximum meaning means
        meet meeting member members menu message messages method methods might mind minimum minutes missing
        mobile model module moment money monitor monitoring month monthly months more morning most move much
        multi multiple must myself name named names native navigate near need needed needs network networks
        never next note notes notice notification notifications notified november number numbers occur
        occurs october offer offers officer official often once ones only open operating operational
        operations operator operators option optional options oracle order ordered organize original other
        others otherwise outside over overview owner paid parameters part parts party pass passed password
        past patch path patterns payment pending perform performance period permissions permitted person
        personal phone physical place plan planned planning plans platform please plus point points policies
        policy port portal possible post potential power practices premium present prevent previous
        previously pricing primary print priority private problem procedure proceed process processed
        processes processing product production products profile profiles program project projects protected
        protection protocol provide provided provider providers provides public purchase purpose purposes
        query question questions queue quickly range rate rather reach reaches ready real reason reasons
        receipt receipts receive received receiving recently recipient record records recovery reduce refer
        reference referred refers regarding regards region regular rejected related relationship release
        released relevant remain remains remote remove removed report reports repository request requested
        requests require required requirements requires reset resolve resources respond response
        responsibility responsible rest restore restrictions resubmit result results retention retrieve
        return returned returns review right rights risk role roles route routing rules running sales same
        save saved schedule scope score screen second seconds section secure securely security seems select
        selected selecting send sending senior sensitive sent separate september service services setting
        settings setup several share shared short should show showing shown shows side sign similar since
        single site size small software solution some someone something soon sorry source sources south
        space special specialist specific specified stand standard start started starting state stated
        statement states status step steps still stop storage store strategy string structure studio subject
        submission submit submitted submitting subscription subsequent successful such summary support
        supported supports sure switch system systems table take taken takes target task tasks team
        technical template term terms test tester testing than thank thanks that their them then there
        therefore these they think third this those three threshold through throughout thursday tickets tier
        time times title today together token tomorrow tool tools total tower track training transaction
        transfer transfers tree tried trigger triggered troubleshooting true tuesday type types typically
        unable under understand understanding unique unit unless until upcoming update updated updates
        upgrade upload upon urgent usage used user users uses using usually valid validate validation value
        various verification verify version video view viewing virtual volume wait want wants ways wednesday
        weekly welcome well were what when where whether which while wide will window windows wireless with
        withdraw withdrawal within without word words work working works world would write written wrong
        year years your zone zoom
    """
